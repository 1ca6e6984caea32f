// The rebuild as Amazon States Language: which step follows which, what is tried again, where failure leads.
// What each step does is in functions/rebuild/ and core/rebuild/, under the state's own name.

import type { StateMachine } from "./asl.ts";
import { batchStep, failStep, step, WRITES_WAIT_SECONDS } from "./steps.ts";

/** Resources of the steps: Lambda ARNs in an account, names of in-process handlers on a laptop. */
export interface RebuildTasks {
  readonly acquireLease: string;
  readonly planRebuild: string;
  /** Runs a Glue job to its end: `arn:aws:states:::glue:startJobRun.sync`. */
  readonly runBatch: string;
  readonly enqueueChunks: string;
  readonly awaitWrites: string;
  readonly catchUpStream: string;
  readonly verifyRebuild: string;
  readonly finishRun: string;
  readonly failRun: string;
}

export interface RebuildOptions {
  readonly tasks: RebuildTasks;
  /** Before the name of a group: `steward-prod-rebuild`. */
  readonly glueJobs: string;
}

/** The definition. Its input is `{ runId, attempt, group, begin }`, begin being `plan` or (a redrive) `writes`; its output holds the report. */
export function rebuildWorkflow({ tasks, glueJobs }: RebuildOptions): StateMachine {
  return {
    Comment: "Bring one feature group back from the offline store: hot and online store, compared at the end",
    StartAt: "Acquire lease",
    States: {
      "Acquire lease": step(tasks.acquireLease, "$.lease", "Where to begin?"),
      "Where to begin?": {
        Type: "Choice",
        Choices: [{ Variable: "$.begin", StringEquals: "writes", Next: "Enqueue chunks" }],
        Default: "Plan rebuild",
      },
      "Plan rebuild": step(tasks.planRebuild, "$.plan", "Snapshot records"),
      "Snapshot records": batchStep(tasks.runBatch, glueJobs, "snapshot", "Enqueue chunks"),
      "Enqueue chunks": step(tasks.enqueueChunks, "$.chunks", "Await writes"),
      "Await writes": step(tasks.awaitWrites, "$.drain", "Are all writes settled?"),
      "Are all writes settled?": {
        Type: "Choice",
        Choices: [{ Variable: "$.drain.drained", BooleanEquals: true, Next: "Catch up stream" }],
        Default: "Wait for workers",
      },
      "Wait for workers": { Type: "Wait", Seconds: WRITES_WAIT_SECONDS, Next: "Await writes" },
      "Catch up stream": step(tasks.catchUpStream, "$.stream", "Is the stream caught up?"),
      "Is the stream caught up?": {
        Type: "Choice",
        Choices: [{ Variable: "$.stream.done", BooleanEquals: true, Next: "Verify rebuild" }],
        Default: "Catch up stream",
      },
      "Verify rebuild": step(tasks.verifyRebuild, "$.verify", "Is all compared?"),
      "Is all compared?": {
        Type: "Choice",
        Choices: [{ Variable: "$.verify.done", BooleanEquals: true, Next: "Finish run" }],
        Default: "Verify rebuild",
      },
      "Finish run": step(tasks.finishRun, "$.report", "Rebuilt"),
      Rebuilt: { Type: "Succeed" },
      "Fail run": failStep(tasks.failRun, "Rebuild failed"),
      "Rebuild failed": {
        Type: "Fail",
        Error: "RebuildFailed",
        Cause: "The run's report in the ledger says why",
      },
    },
  };
}
