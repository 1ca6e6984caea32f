// `steward groups`: the feature groups, and how fresh each is.

import type { FeatureGroup, RefreshReport } from "@steward/core";
import type { LedgerView } from "@steward/local";
import { Option } from "commander";
import { type CommandDefinition, defineCommand } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { toTable } from "../table.ts";
import { toDurationText, toPeriodText } from "../words.ts";

interface Input {
  readonly names?: boolean;
}

const definition: CommandDefinition<Input> = {
  name: "groups",
  summary: "list the feature groups and how fresh they are",
  description:
    "Lists the feature groups. AGE OF DATA counts from the youngest event that was taken in, not from the last run.\n" +
    "NEXT is the as-of of the next refresh that `steward up` does by itself; a past one waits for it to run.",
  options: [new Option("--names", "names alone, one a line; opens nothing")],
  examples: [
    ["groups", "as a table"],
    ["groups --features ./features --json", "definitions of your own, as JSON"],
  ],
  async run(context, { names }) {
    const groups = await context.groups();
    if (names === true) {
      context.output.result(
        groups.map((group) => group.name),
        () => groups.map((group) => group.name).join("\n"),
      );
      return EXIT.done;
    }
    const view = await context.openLedger();
    const rows = await Promise.all(groups.map((group) => describe(group, view)));
    context.output.result(rows, () => toText(rows));
    return EXIT.done;
  },
};

async function describe(group: FeatureGroup, view: LedgerView | undefined) {
  const { findRun, findWatermark, findYoungestEvent, scheduleOf, toIso } = await import("@steward/core");
  const watermark = view === undefined ? undefined : await findWatermark(view.ledger, group.name);
  const youngestMs = view === undefined ? undefined : await findYoungestEvent(view, group);
  const run =
    view === undefined || watermark === undefined ? undefined : await findRun(view.ledger, watermark.runId);
  const report = run?.report as unknown as RefreshReport | null | undefined; // core wrote it
  const schedule = scheduleOf(group);
  return {
    group: group.name,
    owner: group.owner,
    entity: group.entity.name,
    path: group.path,
    features: group.features.map(({ name }) => name),
    schedule: schedule === undefined ? null : toPeriodText(schedule.periodMs),
    nextRefresh: view === undefined ? null : await findNextRefresh(group, view),
    freshness: group.freshnessMs === undefined ? null : toPeriodText(group.freshnessMs),
    ttl: group.ttlMs === undefined ? null : toPeriodText(group.ttlMs),
    watermark: watermark === undefined ? null : toIso(watermark.asOfMs),
    ageMs: youngestMs === undefined || view === undefined ? null : Math.max(0, view.clock.now() - youngestMs),
    records: report?.counts.planned ?? null,
  };
}

/** The first slot that is not settled; null: none, or no `steward up` has seen the group yet. */
async function findNextRefresh(group: FeatureGroup, { ledger }: LedgerView): Promise<string | null> {
  const { findCursor, nextSlotAfter, scheduleOf, toIso } = await import("@steward/core");
  const schedule = scheduleOf(group);
  const cursor = await findCursor(ledger, group.name);
  if (schedule === undefined || cursor === undefined) return null;
  return toIso(cursor.claim?.slotMs ?? nextSlotAfter(schedule, cursor.throughMs));
}

function toText(rows: readonly Awaited<ReturnType<typeof describe>>[]): string {
  return toTable(
    [
      "GROUP",
      "OWNER",
      "ENTITY",
      "FEATURES",
      "SCHEDULE",
      "NEXT",
      "FRESHNESS",
      "AS OF",
      "RECORDS",
      "AGE OF DATA",
    ],
    rows.map((row) => [
      row.group,
      row.owner,
      row.entity,
      row.features.length,
      row.schedule === null ? "-" : `every ${row.schedule}`,
      row.nextRefresh ?? "-",
      row.freshness === null ? "-" : `within ${row.freshness}`,
      row.watermark ?? "-",
      row.records ?? "-",
      row.ageMs === null ? "-" : toDurationText(row.ageMs),
    ]),
  );
}

export const groups = () => defineCommand(definition);
