// Decides how a command waits for a run that it started, says how it ended, and what a person does next.

import type { Run, RunReport } from "@steward/core";
import type { Platform } from "@steward/local";
import type { Context } from "./context.ts";
import type { PlainError } from "./plain-error.ts";
import type { Progress } from "./progress.ts";
import { toReportText } from "./report-text.ts";

/** Waits, showing how the run advances. */
export async function followRun(
  context: Context,
  platform: Platform,
  progress: Progress,
  run: Run,
): Promise<Run> {
  const { executionName } = await import("@steward/core");
  const name = executionName(run);
  progress.follow(name, run, platform.ports.ledger);
  context.onInterrupt(() => {
    progress.stop(name);
    const state = progress.stateOf(name);
    return `run ${run.runId} stands at "${state ?? "the beginning"}" and keeps what it did, \`steward resume ${run.runId}\` continues it`;
  });
  const settled = await platform.settled(run);
  progress.stop(name);
  return settled;
}

type RunHead = Pick<RunReport, "runId" | "workflow" | "group" | "outcome" | "asOf">;
export type RunDocument = (RunReport | RunHead) & { readonly error?: PlainError };

/** The report as core made it, with the error of a run that has one. */
export async function toRunDocument(run: Run): Promise<RunDocument> {
  const error = problemOf(run);
  const { toIso } = await import("@steward/core");
  const { runId, workflow, group } = run;
  const report = (run.report as unknown as RunReport | null) ?? {
    runId,
    workflow,
    group,
    outcome: run.outcome ?? run.status,
    asOf: toIso(run.asOfMs),
  }; // core wrote the report
  return error === undefined ? report : { ...report, error };
}

export function toRunText(run: Run): string {
  const report = run.report as unknown as RunReport | null;
  return report === null ? `Run ${run.runId} of ${run.group} is ${run.status}.` : toReportText(report);
}

/** Why the run did not succeed and what helps; undefined where it did. */
export function problemOf(run: Run): PlainError | undefined {
  if (run.status === "succeeded") return undefined;
  if (run.status === "running") {
    return {
      name: "UnavailableError",
      message: `run ${run.runId} stopped in the middle, all that it did is kept: \`steward resume ${run.runId}\` continues it`,
    };
  }
  if (run.error === null) {
    return { name: "LeaseLostError", message: `run ${run.runId} was ${run.status} while it was at work` };
  }
  const { name, message } = run.error;
  const advice = adviceFor(run, name);
  return {
    name,
    message: advice === undefined || message.includes("`steward ") ? message : `${message}; ${advice}`,
  };
}

function adviceFor(run: Run, errorName: string): string | undefined {
  switch (errorName) {
    case "WriteFailedError":
      return "`steward redrive` tries the failed chunks again";
    case "DifferencesFoundError":
      if (run.workflow === "erasure") return `\`steward resume ${run.runId}\` erases and scans again`;
      return `\`steward resume ${run.runId}\` writes missing and stale ones again, a different one gives way to a later refresh alone`;
    case "DataRejectedError":
      if (run.workflow !== "refresh") return `then \`steward resume ${run.runId}\``;
      return `\`steward set-aside ${run.runId}\` lists the rows`;
    case "InvalidInputError":
    case "LeaseHeldError":
    case "DefinitionError":
      return undefined;
    default:
      return `\`steward resume ${run.runId}\` tries again`;
  }
}
