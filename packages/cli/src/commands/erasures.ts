// `steward erasures`: all erasures, newest first.

import { type CommandDefinition, defineCommand } from "../command.ts";
import { type ErasureRow, toErasureRow } from "../erasure-view.ts";
import { EXIT } from "../exit-code.ts";
import { toTable } from "../table.ts";

const definition: CommandDefinition<Record<never, never>> = {
  name: "erasures",
  summary: "list all erasures, newest first",
  examples: [
    ["erasures", "as a table"],
    ["erasures --json", "as an array"],
  ],
  async run(context) {
    const view = await context.openLedger();
    const rows: ErasureRow[] = [];
    if (view !== undefined) {
      const { findRun, listRequests } = await import("@steward/core");
      for (const request of (await listRequests(view.ledger)).toReversed()) {
        const run = await findRun(view.ledger, request.requestId);
        if (run !== undefined) rows.push(await toErasureRow(view, request, run));
      }
    }
    context.output.result(rows, () =>
      rows.length === 0 ? "There are no erasures yet." : toErasureTable(rows),
    );
    return EXIT.done;
  },
};

function toErasureTable(rows: readonly ErasureRow[]): string {
  return toTable(
    ["ERASURE", "ENTITY", "SUBJECTS", "STATE", "OUTCOME", "REQUESTED", "CERTIFIED", "FINISH AFTER"],
    rows.map(({ requestId, entity, subjects, state, outcome, requestedAt, certifiedAt, finishAfter }) => [
      requestId,
      entity,
      subjects,
      state,
      outcome ?? "-",
      requestedAt,
      certifiedAt ?? "-",
      finishAfter ?? "-",
    ]),
  );
}

export const erasures = () => defineCommand(definition);
