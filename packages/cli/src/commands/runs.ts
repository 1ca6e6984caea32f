// `steward runs`: all runs, newest first.

import { type CommandDefinition, defineCommand } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { type RunRow, toRunRow } from "../run-view.ts";
import { toTable } from "../table.ts";

const definition: CommandDefinition<Record<never, never>> = {
  name: "runs",
  summary: "list all runs, newest first",
  examples: [
    ["runs", "as a table"],
    ["runs --json", "as an array"],
  ],
  async run(context) {
    const view = await context.openLedger();
    const rows: RunRow[] = [];
    if (view !== undefined) {
      const { listRuns } = await import("@steward/core");
      for (const run of (await listRuns(view.ledger)).toReversed()) rows.push(await toRunRow(view, run));
    }
    context.output.result(rows, () => (rows.length === 0 ? "There are no runs yet." : toRunTable(rows)));
    return EXIT.done;
  },
};

function toRunTable(rows: readonly RunRow[]): string {
  return toTable(
    ["RUN", "WORKFLOW", "GROUP", "STATE", "OUTCOME", "AS OF", "BEGUN"],
    rows.map(({ runId, workflow, group, state, outcome, asOf, createdAt }) => [
      runId,
      workflow,
      group,
      state,
      outcome ?? "-",
      asOf,
      createdAt,
    ]),
  );
}

export const runs = () => defineCommand(definition);
