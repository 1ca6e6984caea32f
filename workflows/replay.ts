// The replay as Amazon States Language: events that a stream still has, read again into the online and the hot store.
// What each step does is in functions/replay/ and core/replay/, under the state's own name.

import type { StateMachine } from "./asl.ts";
import { failStep, step } from "./steps.ts";

/** Resources of the steps: Lambda ARNs in an account, names of in-process handlers on a laptop. */
export interface ReplayTasks {
  readonly acquireLease: string;
  readonly replayStream: string;
  readonly finishRun: string;
  readonly failRun: string;
}

export interface ReplayOptions {
  readonly tasks: ReplayTasks;
}

/** The definition. Its input is `{ runId, attempt, group, begin }`, begin being `plan` always; its output holds the report. */
export function replayWorkflow({ tasks }: ReplayOptions): StateMachine {
  return {
    Comment: "Read a group's stream again from an instant to where it stood at the beginning",
    StartAt: "Acquire lease",
    States: {
      "Acquire lease": step(tasks.acquireLease, "$.lease", "Replay stream"),
      "Replay stream": step(tasks.replayStream, "$.replay", "Is all read?"),
      "Is all read?": {
        Type: "Choice",
        Choices: [{ Variable: "$.replay.done", BooleanEquals: true, Next: "Finish run" }],
        Default: "Replay stream",
      },
      "Finish run": step(tasks.finishRun, "$.report", "Replayed"),
      Replayed: { Type: "Succeed" },
      "Fail run": failStep(tasks.failRun, "Replay failed"),
      "Replay failed": {
        Type: "Fail",
        Error: "ReplayFailed",
        Cause: "The run's report in the ledger says why",
      },
    },
  };
}
