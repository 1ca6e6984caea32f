// `steward freshness`: how old the data of each side of a group is, measured now.

import { setTimeout as sleep } from "node:timers/promises";
import type { FeatureGroup, FreshnessDocument } from "@steward/core";
import { Argument, Option } from "commander";
import { type CommandDefinition, defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { toTable } from "../table.ts";
import { toDurationText, toPeriodText } from "../words.ts";

interface Input {
  readonly groups: readonly string[];
  readonly watch?: boolean;
}

/** Between two measures that a person watches. */
const WATCH_MS = 2_000;

const definition: CommandDefinition<Input> = {
  name: "freshness",
  summary: "how old the data of each group is, side by side",
  description:
    "Measures now: the age of the youngest event consumed, of the worst partition, for the offline, online and hot side. The\n" +
    "online and the hot store have an age only while a sample of their records is as the offline store has them.\n" +
    "Ends with 1 where a side is late, 0 where all is fresh. `steward up` measures by itself and repairs (`steward incidents`).",
  arguments: [
    new Argument("[groups...]", "names of feature groups (all that have an objective)").default([], ""),
  ],
  options: [new Option("--watch", "measure again every 2 seconds until Ctrl-C; JSON: one document a line")],
  examples: [
    ["freshness", "all groups with a schedule or a freshness objective"],
    ["freshness product-views --json", "one group, as JSON"],
    ["freshness --watch", "see how the groups grow old, and young again"],
  ],
  endsByInterrupt: true,
  async run(context, { groups: names, watch = false }) {
    const groups = await chooseGroups(context, names);
    let isInterrupted = false;
    const interrupted = context.interrupted.then(() => {
      isInterrupted = true;
    });
    for (;;) {
      const measured = await measure(context, groups);
      context.output.result({ groups: measured }, () => toText(measured));
      if (watch && !isInterrupted)
        await Promise.race([sleep(WATCH_MS, undefined, { ref: false }), interrupted]);
      if (watch && !isInterrupted) continue;
      return measured.every(({ isFresh }) => isFresh) ? EXIT.done : EXIT.failed;
    }
  },
};

async function measure(
  context: Context,
  groups: readonly FeatureGroup[],
): Promise<readonly FreshnessDocument[]> {
  const { ports } = await context.openPlatform();
  const { measureFreshness, toFreshnessDocument } = await import("@steward/core");
  const measured: FreshnessDocument[] = [];
  for (const group of groups) measured.push(toFreshnessDocument(await measureFreshness(ports, group)));
  return measured;
}

async function chooseGroups(context: Context, names: readonly string[]): Promise<readonly FeatureGroup[]> {
  const { watchedGroups } = await import("@steward/core");
  if (names.length > 0) return Promise.all([...new Set(names)].map((name) => context.group(name)));
  return watchedGroups(await context.groups());
}

function toText(measured: readonly FreshnessDocument[]): string {
  const rows = measured.flatMap(({ group, objectiveMs, worstPartition, sides }) =>
    Object.entries(sides).map(([side, { ageMs, isLate, reason }]) => [
      group,
      side,
      ageMs === null ? "-" : toDurationText(ageMs),
      objectiveMs === null ? "-" : toPeriodText(objectiveMs),
      objectiveMs === null ? "-" : isLate ? "late" : "fresh",
      worstPartition ?? "-",
      reason ?? "",
    ]),
  );
  return toTable(["GROUP", "SIDE", "AGE", "OBJECTIVE", "STATE", "PARTITION", ""], rows);
}

export const freshness = () => defineCommand(definition);
