// `steward run`: one run, with its report and where it stands.

import type { Run, RunReport } from "@steward/core";
import { type CommandDefinition, defineCommand } from "../command.ts";
import { problemOf } from "../conclude-run.ts";
import { EXIT } from "../exit-code.ts";
import { runArgument } from "../options.ts";
import { toReportText } from "../report-text.ts";
import { type RunDetail, toRunDetail } from "../run-view.ts";

interface Input {
  readonly run: string;
}

const definition: CommandDefinition<Input> = {
  name: "run",
  summary: "show a run: its report, and where it stands",
  arguments: [runArgument()],
  examples: [
    ["run 20261124t203301-7f3k2m9x", "the report in words"],
    ["run 20261124t203301-7f3k2m9x --json", "all that is known of it"],
  ],
  async run(context, { run: runId }) {
    const { getRun, NotFoundError } = await import("@steward/core");
    const view = await context.openLedger();
    if (view === undefined)
      throw new NotFoundError(`there is no run "${runId}": nothing has run in ${context.stateDir}`);
    const run = await getRun(view.ledger, runId);
    const detail = await toRunDetail(view, run);
    context.output.result(detail, () => toText(run, detail));
    return EXIT.done;
  },
};

function toText(run: Run, detail: RunDetail): string {
  const lines = [
    `Run ${detail.runId} (${detail.workflow} of ${detail.group} as of ${detail.asOf}): ${detail.state}.`,
    `Begun ${detail.createdAt}${detail.endedAt === null ? "" : `, ended ${detail.endedAt}`}; attempt ${detail.attempt}.`,
  ];
  const report = run.report as unknown as RunReport | null; // core wrote it
  if (report !== null) lines.push(toReportText(report));
  if (detail.chunks > 0) {
    const failed = detail.chunksFailed === 0 ? "" : `, ${detail.chunksFailed} failed`;
    lines.push(`${detail.chunksSettled} of ${detail.chunks} chunks settled${failed}.`);
  }
  if (detail.state === "interrupted") lines.push(`\`steward resume ${detail.runId}\` continues it.`);
  if (run.error !== null) lines.push(`${problemOf(run)?.message}.`);
  return lines.join("\n");
}

export const run = () => defineCommand(definition);
