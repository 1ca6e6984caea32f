// `steward set-aside`: the rows that a run could not take, and another try with them.

import type { SetAsideList } from "@steward/core";
import { Option } from "commander";
import { type CommandDefinition, defineCommand } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { toCount } from "../option-values.ts";
import { runArgument } from "../options.ts";
import { toTable } from "../table.ts";
import { toCountOf, toCountText } from "../words.ts";

interface Input {
  readonly run: string;
  readonly replay?: boolean;
  readonly limit: number;
}

const definition: CommandDefinition<Input> = {
  name: "set-aside",
  summary: "list the rows that a run set aside, or try them again",
  description:
    "Lists the malformed rows of a run with file, row, column and rule, never their values.\n" +
    "With --replay they are checked again under the definition as it is now; those that pass enter the event table.",
  arguments: [runArgument()],
  options: [
    new Option("--replay", "check the rows again"),
    new Option("--limit <rows>", "list at most so many").argParser(toCount).default(100),
  ],
  examples: [
    ["set-aside 20261124t203301-7f3k2m9x", "what was wrong where"],
    ["set-aside 20261124t203301-7f3k2m9x --replay", "after the definition was corrected"],
  ],
  async run(context, { run: runId, replay, limit }) {
    const { ports } = await context.openPlatform();
    const { getRun, listSetAsideRows, replaySetAsideRows } = await import("@steward/core");
    if (replay === true) {
      const { group } = await getRun(ports.ledger, runId);
      const replayed = await replaySetAsideRows(ports, runId);
      context.output.result({ runId, ...replayed }, () => {
        const { entered, stillSetAside, suppressed } = replayed;
        const next = entered > 0 ? ` \`steward refresh ${group}\` takes them in.` : "";
        return `${toCountOf(entered, "row")} entered the event table; still set aside: ${toCountText(stillSetAside)}; suppressed: ${toCountText(suppressed)}.${next}`;
      });
      return EXIT.done;
    }
    const list = await listSetAsideRows(ports, runId, limit);
    const rows = list.rows.map(({ file, row, column, rule }) => ({
      file,
      row,
      column: column ?? null,
      rule,
    }));
    context.output.result({ runId, count: list.count, rows }, () => toText(runId, list));
    return EXIT.done;
  },
};

function toText(runId: string, { count, rows }: SetAsideList): string {
  if (count === 0) return `Run ${runId} set no row aside.`;
  const table = toTable(
    ["FILE", "ROW", "COLUMN", "RULE"],
    rows.map(({ file, row, column, rule }) => [file, String(row), column ?? "-", rule]),
  );
  const more = count - rows.length;
  return more > 0 ? `${table}\n${more} more: --limit ${count} lists them all` : table;
}

export const setAside = () => defineCommand(definition);
