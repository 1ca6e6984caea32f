// The remediation as Amazon States Language: find out what is wrong with a group, put it right or page a person, and see
// the alarm clear. What each step does is in functions/remediation/ and core/remediation/, under the state's own name.

import type { State, StateMachine } from "./asl.ts";
import { failStep, step, WAIT_SECONDS } from "./steps.ts";

/** Resources of the steps: Lambda ARNs in an account, names of in-process handlers on a laptop. */
export interface RemediationTasks {
  readonly acquireLease: string;
  readonly diagnoseIncident: string;
  readonly applyRemedy: string;
  readonly awaitRemedy: string;
  readonly confirmRecovery: string;
  readonly closeIncident: string;
  readonly pageOwner: string;
  readonly failRun: string;
}

export interface RemediationOptions {
  readonly tasks: RemediationTasks;
}

/** The definition. Its input is `{ runId, attempt, group, begin }`, begin being `plan` always; its output holds the report. */
export function remediationWorkflow({ tasks }: RemediationOptions): StateMachine {
  return {
    Comment: "Look after one incident: diagnose, remedy or page, and confirm by the metric",
    StartAt: "Acquire lease",
    States: {
      "Acquire lease": step(tasks.acquireLease, "$.lease", "Diagnose incident"),
      "Diagnose incident": step(tasks.diagnoseIncident, "$.decision", "What is to be done?"),
      "What is to be done?": {
        Type: "Choice",
        Choices: [
          { Variable: "$.decision.next", StringEquals: "apply", Next: "Apply remedy" },
          { Variable: "$.decision.next", StringEquals: "confirm", Next: "Confirm recovery" },
          { Variable: "$.decision.next", StringEquals: "pause", Next: "Wait to decide" },
          { Variable: "$.decision.next", StringEquals: "close", Next: "Close incident" },
        ],
        Default: "Page owner",
      },
      "Wait to decide": wait("Diagnose incident"),
      "Apply remedy": step(tasks.applyRemedy, "$.remedy", "Could it be applied?"),
      "Could it be applied?": {
        Type: "Choice",
        Choices: [{ Variable: "$.remedy.applied", BooleanEquals: true, Next: "Await remedy" }],
        Default: "Diagnose incident",
      },
      "Await remedy": step(tasks.awaitRemedy, "$.waiting", "Is the remedy over?"),
      "Is the remedy over?": {
        Type: "Choice",
        Choices: [
          { Variable: "$.waiting.outcome", StringEquals: "ended", Next: "Confirm recovery" },
          { Variable: "$.waiting.outcome", StringEquals: "again", Next: "Diagnose incident" },
        ],
        Default: "Wait for the remedy",
      },
      "Wait for the remedy": wait("Await remedy"),
      "Confirm recovery": step(tasks.confirmRecovery, "$.recovery", "Has it recovered?"),
      "Has it recovered?": {
        Type: "Choice",
        Choices: [
          { Variable: "$.recovery.outcome", StringEquals: "recovered", Next: "Close incident" },
          { Variable: "$.recovery.outcome", StringEquals: "again", Next: "Diagnose incident" },
        ],
        Default: "Wait for the metric",
      },
      "Wait for the metric": wait("Confirm recovery"),
      "Close incident": step(tasks.closeIncident, "$.report", "Remedied"),
      "Page owner": step(tasks.pageOwner, "$.report", "Remedied"),
      Remedied: { Type: "Succeed" },
      "Fail run": failStep(tasks.failRun, "Remediation failed"),
      "Remediation failed": {
        Type: "Fail",
        Error: "RemediationFailed",
        Cause: "The run's report in the ledger says why",
      },
    },
  };
}

function wait(next: string): State {
  return { Type: "Wait", Seconds: WAIT_SECONDS, Next: next };
}
