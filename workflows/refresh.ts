// The refresh as Amazon States Language: which step follows which, what is tried again, where failure leads.
// What each step does is in functions/refresh/ and core/refresh/, under the state's own name.

import type { StateMachine, TaskState } from "./asl.ts";
import { batchStep, failStep, RUN_REF, step, WRITES_WAIT_SECONDS } from "./steps.ts";

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
  /** Before the name of a group: `steward-prod-refresh`. */
  readonly glueJobs: string;
}

/** The definition. Its input is `{ runId, attempt, group, begin }`, begin being `plan` or (a redrive) `writes`; its output holds the report. */
export function refreshWorkflow({ tasks, glueJobs }: RefreshOptions): StateMachine {
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
      "Append events": batchStep(tasks.runBatch, glueJobs, "append", "Commit events"),
      "Commit events": step(tasks.commitEvents, "$.events", "Compute features"),
      "Compute features": batchStep(tasks.runBatch, glueJobs, "compute", "Check output"),
      "Check output": step(tasks.checkOutput, "$.check", "Publish offline"),
      "Publish offline": step(tasks.publishOffline, "$.offline", "Enqueue chunks"),
      "Enqueue chunks": step(tasks.enqueueChunks, "$.chunks", "Await writes"),
      "Await writes": step(tasks.awaitWrites, "$.drain", "Are all writes settled?"),
      "Are all writes settled?": {
        Type: "Choice",
        Choices: [{ Variable: "$.drain.drained", BooleanEquals: true, Next: "Commit watermark" }],
        Default: "Wait for workers",
      },
      "Wait for workers": { Type: "Wait", Seconds: WRITES_WAIT_SECONDS, Next: "Await writes" },
      "Commit watermark": step(tasks.commitWatermark, "$.watermark", "Finish run"),
      "Finish run": finish(tasks.finishRun, "succeeded"),
      "Finish unchanged run": finish(tasks.finishRun, "unchanged"),
      Refreshed: { Type: "Succeed" },
      "Fail run": failStep(tasks.failRun, "Refresh failed"),
      "Refresh failed": {
        Type: "Fail",
        Error: "RefreshFailed",
        Cause: "The run's report in the ledger says why",
      },
    },
  };
}

function finish(resource: string, outcome: "succeeded" | "unchanged"): TaskState {
  return { ...step(resource, "$.report", "Refreshed"), Parameters: { ...RUN_REF, outcome } };
}
