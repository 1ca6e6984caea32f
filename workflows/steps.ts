// Decides what the steps of all workflows have in common: time-outs, what is tried again, where failure leads.

import type { ConflictError, UnavailableError } from "@steward/core";
import type { Catcher, Retrier, TaskState } from "./asl.ts";

/** Lambda's own limit (quotas page, 2026-11-22): a plan that hashes large files, and chunks of a large run, need it. */
export const STEP_SECONDS = 900;
/** Glue's own default is 480 minutes on Glue 5 (aws-glue API, Timeout, 2026-11-22); a run that takes longer is stuck. */
export const BATCH_SECONDS = 8 * 3_600;
/** A step that waits looks for 10 s, then rests so long: 25,000 events of 13 a round are 8 hours. */
export const WAIT_SECONDS = 5;
/** Await writes looks for 15 s instead: whoever waits for a rebuild is not kept for a rest that nobody needs. */
export const WRITES_WAIT_SECONDS = 1;

/** Errors by the names that core throws and that Lambda gives to its own faults. */
const UNAVAILABLE: UnavailableError["name"] = "UnavailableError";
const CONFLICT: ConflictError["name"] = "ConflictError";
const TRANSIENT = [
  UNAVAILABLE,
  CONFLICT,
  "Lambda.AWSLambdaException",
  "Lambda.ServiceException",
  "Lambda.SdkClientException",
];
/** What Lambda says of a function that it did not call. One that nobody called for weeks it puts to rest: the next call is refused, and
 * has it ready again within minutes, in a network or not (Lambda guide, "Lambda function states"; aws-cdk 20123; read 2026-11-25). */
const NOT_CALLED = [
  "Lambda.CodeArtifactUserPendingException",
  "Lambda.ENINotReadyException",
  "Lambda.ResourceNotReadyException",
  "Lambda.TooManyRequestsException",
];
const RETRY: readonly Retrier[] = [
  {
    ErrorEquals: NOT_CALLED,
    IntervalSeconds: 5,
    MaxAttempts: 15,
    BackoffRate: 2,
    MaxDelaySeconds: 60,
    JitterStrategy: "FULL",
  },
  {
    ErrorEquals: TRANSIENT,
    IntervalSeconds: 1,
    MaxAttempts: 4,
    BackoffRate: 2,
    MaxDelaySeconds: 20,
    JitterStrategy: "FULL",
  },
];
const BATCH_RETRY: readonly Retrier[] = [
  {
    // A run of before that is being stopped: Glue takes its time.
    ErrorEquals: ["Glue.ConcurrentRunsExceededException"],
    IntervalSeconds: 10,
    MaxAttempts: 20,
    BackoffRate: 1.5,
    MaxDelaySeconds: 60,
    JitterStrategy: "FULL",
  },
  {
    ErrorEquals: [UNAVAILABLE, "Glue.InternalServiceException"],
    IntervalSeconds: 2,
    MaxAttempts: 3,
    BackoffRate: 2,
    MaxDelaySeconds: 120,
    JitterStrategy: "FULL",
  },
];
const CATCH: readonly Catcher[] = [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "Fail run" }];
export const RUN_REF = { "runId.$": "$.runId", "attempt.$": "$.attempt" };

export function step(resource: string, resultPath: string, next: string): TaskState {
  return {
    Type: "Task",
    Resource: resource,
    Parameters: RUN_REF,
    ResultPath: resultPath,
    TimeoutSeconds: STEP_SECONDS,
    Retry: RETRY,
    Catch: CATCH,
    Next: next,
  };
}

/** The job of the run's group run to its end: `<jobs>-<group>`, one run at a time each. StartJobRun has no client token: run, attempt and step name the work, and the job finds it done. */
export function batchStep(
  resource: string,
  jobs: string,
  job: "append" | "compute" | "snapshot",
  next: string,
): TaskState {
  return {
    Type: "Task",
    Resource: resource,
    Parameters: {
      "JobName.$": `States.Format('${jobs}-{}', $.group)`,
      Arguments: {
        "--run_id.$": "$.runId",
        "--attempt.$": "States.Format('{}', $.attempt)",
        "--step": job,
        "--job-bookmark-option": "job-bookmark-disable",
      },
    },
    ResultPath: `$.${job}`,
    TimeoutSeconds: BATCH_SECONDS,
    Retry: BATCH_RETRY,
    Catch: CATCH,
    Next: next,
  };
}

/** The state "Fail run", where every failure leads. */
export function failStep(resource: string, next: string): TaskState {
  return {
    Type: "Task",
    Comment: "Leaves nothing half done; its own failure leaves the run to `steward resume`",
    Resource: resource,
    Parameters: { ...RUN_REF, "error.$": "$.error" },
    ResultPath: "$.report",
    TimeoutSeconds: STEP_SECONDS,
    Retry: RETRY,
    Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.cleanUpError", Next: next }],
    Next: next,
  };
}
