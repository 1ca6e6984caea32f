// The refresh as Amazon States Language: which step follows which, what is tried again, where failure leads.
// What each step does is in functions/refresh/ and core/refresh/, under the state's own name.

import type { ConflictError, UnavailableError } from "@steward/core";
import type { Catcher, Retrier, StateMachine, TaskState } from "./asl.ts";

/** Resources of the steps: Lambda ARNs in an account, names of in-process handlers on a laptop. */
export interface RefreshTasks {
  readonly acquireLease: string;
  readonly planRefresh: string;
  /** Runs a Glue job to its end: `arn:aws:states:::glue:startJobRun.sync`. */
  readonly runBatch: string;
  readonly commitEvents: string;
  readonly checkOutput: string;
  readonly publishOffline: string;
  readonly enqueueChunks: string;
  readonly awaitWrites: string;
  readonly commitWatermark: string;
  readonly finishRun: string;
  readonly failRun: string;
}

export interface RefreshOptions {
  readonly tasks: RefreshTasks;
  readonly glueJobName: string;
}

/** Lambda's own limit (quotas page, 2026-11-22): a plan that hashes large files, and chunks of a large run, need it. */
const STEP_SECONDS = 900;
/** Glue's own default is 480 minutes on Glue 5 (aws-glue API, Timeout, 2026-11-22); a run that takes longer is stuck. */
const BATCH_SECONDS = 8 * 3_600;
/** Await writes looks for 10 s, then waits so long: about 1,900 rounds of 13 events fit 25,000, so 8 hours of writing. */
const WAIT_SECONDS = 5;

/** Errors by the names that core throws and that Lambda gives to its own faults. */
const UNAVAILABLE: UnavailableError["name"] = "UnavailableError";
const CONFLICT: ConflictError["name"] = "ConflictError";
const TRANSIENT = [
  UNAVAILABLE,
  CONFLICT,
  "Lambda.TooManyRequestsException",
  "Lambda.ServiceException",
  "Lambda.SdkClientException",
];
const RETRY: readonly Retrier[] = [
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
    ErrorEquals: [UNAVAILABLE, "Glue.ConcurrentRunsExceededException", "Glue.InternalServiceException"],
    IntervalSeconds: 2,
    MaxAttempts: 3,
    BackoffRate: 2,
    MaxDelaySeconds: 120,
    JitterStrategy: "FULL",
  },
];
const CATCH: readonly Catcher[] = [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "Fail run" }];
const RUN_REF = { "runId.$": "$.runId", "attempt.$": "$.attempt" };

/** The definition. Its input is `{ runId, attempt, begin }`, begin being `plan` or (a redrive) `writes`; its output holds the report. */
export function refreshWorkflow({ tasks, glueJobName }: RefreshOptions): StateMachine {
  return {
    Comment: "Refresh one feature group as of an instant: offline, online and hot store, watermark last",
    StartAt: "Acquire lease",
    States: {
      "Acquire lease": step(tasks.acquireLease, "$.lease", "Where to begin?"),
      "Where to begin?": {
        Type: "Choice",
        Choices: [{ Variable: "$.begin", StringEquals: "writes", Next: "Enqueue chunks" }],
        Default: "Plan refresh",
      },
      "Plan refresh": step(tasks.planRefresh, "$.plan", "Is anything to do?"),
      "Is anything to do?": {
        Type: "Choice",
        Choices: [
          { Variable: "$.plan.unchanged", BooleanEquals: true, Next: "Finish unchanged run" },
          { Variable: "$.plan.appendCount", NumericGreaterThan: 0, Next: "Append events" },
        ],
        Default: "Compute features",
      },
      "Append events": batch(tasks.runBatch, glueJobName, "append", "Commit events"),
      "Commit events": step(tasks.commitEvents, "$.events", "Compute features"),
      "Compute features": batch(tasks.runBatch, glueJobName, "compute", "Check output"),
      "Check output": step(tasks.checkOutput, "$.check", "Publish offline"),
      "Publish offline": step(tasks.publishOffline, "$.offline", "Enqueue chunks"),
      "Enqueue chunks": step(tasks.enqueueChunks, "$.chunks", "Await writes"),
      "Await writes": step(tasks.awaitWrites, "$.drain", "Are all writes settled?"),
      "Are all writes settled?": {
        Type: "Choice",
        Choices: [{ Variable: "$.drain.drained", BooleanEquals: true, Next: "Commit watermark" }],
        Default: "Wait for workers",
      },
      "Wait for workers": { Type: "Wait", Seconds: WAIT_SECONDS, Next: "Await writes" },
      "Commit watermark": step(tasks.commitWatermark, "$.watermark", "Finish run"),
      "Finish run": finish(tasks.finishRun, "succeeded"),
      "Finish unchanged run": finish(tasks.finishRun, "unchanged"),
      Refreshed: { Type: "Succeed" },
      "Fail run": {
        Type: "Task",
        Comment: "Leaves nothing half done; its own failure leaves the run to `steward resume`",
        Resource: tasks.failRun,
        Parameters: { ...RUN_REF, "error.$": "$.error" },
        ResultPath: "$.report",
        TimeoutSeconds: STEP_SECONDS,
        Retry: RETRY,
        Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.cleanUpError", Next: "Refresh failed" }],
        Next: "Refresh failed",
      },
      "Refresh failed": {
        Type: "Fail",
        Error: "RefreshFailed",
        Cause: "The run's report in the ledger says why",
      },
    },
  };
}

function step(resource: string, resultPath: string, next: string): TaskState {
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

/** A Glue job run to its end. StartJobRun has no client token: run, attempt and step name the work, and the job finds it done. */
function batch(resource: string, jobName: string, batchStep: "append" | "compute", next: string): TaskState {
  return {
    Type: "Task",
    Resource: resource,
    Parameters: {
      JobName: jobName,
      Arguments: {
        "--run_id.$": "$.runId",
        "--attempt.$": "States.Format('{}', $.attempt)",
        "--step": batchStep,
        "--job-bookmark-option": "job-bookmark-disable",
      },
    },
    ResultPath: `$.${batchStep}`,
    TimeoutSeconds: BATCH_SECONDS,
    Retry: BATCH_RETRY,
    Catch: CATCH,
    Next: next,
  };
}

function finish(resource: string, outcome: "succeeded" | "unchanged"): TaskState {
  return { ...step(resource, "$.report", "Refreshed"), Parameters: { ...RUN_REF, outcome } };
}
