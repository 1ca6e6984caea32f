// `steward cancel`: ends a run; nothing it still tries can be read.

import type { RunReport } from "@steward/core";
import { type CommandDefinition, defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { runArgument } from "../options.ts";
import { toReportText } from "../report-text.ts";
import { findPlatformUp, requireRun } from "../run-there.ts";

interface Input {
  readonly run: string;
}

const definition: CommandDefinition<Input> = {
  name: "cancel",
  summary: "end a run that is at work, or was interrupted",
  description:
    "Ends a running or interrupted run, whichever process holds it. `steward resume` takes it up again.",
  arguments: [runArgument()],
  examples: [["cancel 20261124t203301-7f3k2m9x", "sets its group free"]],
  async run(context, { run: runId }) {
    const report = (await cancelThere(context, runId)) ?? (await cancelHere(context, runId));
    context.output.result(report, () => toReportText(report));
    return EXIT.done;
  },
};

async function cancelHere(context: Context, runId: string): Promise<RunReport> {
  const { ports } = await context.openPlatform();
  const { cancelRun } = await import("@steward/core");
  return cancelRun(ports, runId);
}

/** By the platform that is up; undefined where none is, or where there is nothing to cancel, which is said here. */
async function cancelThere(context: Context, runId: string): Promise<RunReport | undefined> {
  const api = await findPlatformUp(context, []);
  if (api === undefined || (await requireRun(context, runId)).status !== "running") return undefined;
  await api.cancel(runId);
  return ((await requireRun(context, runId)).report as unknown as RunReport | null) ?? undefined; // core wrote it
}

export const cancel = () => defineCommand(definition);
