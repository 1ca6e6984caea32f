// `steward freshness`: how old the data of each side of a group is, measured now.

import type { FeatureGroup, FreshnessDocument } from "@steward/core";
import { Argument } from "commander";
import { type CommandDefinition, defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { toTable } from "../table.ts";
import { toDurationText, toPeriodText } from "../words.ts";

interface Input {
  readonly groups: readonly string[];
}

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
  options: [],
  examples: [
    ["freshness", "all groups with a schedule or a freshness objective"],
    ["freshness product-views --json", "one group, as JSON"],
  ],
  async run(context, { groups: names }) {
    const groups = await chooseGroups(context, names);
    const { ports } = await context.openPlatform();
    const { measureFreshness, toFreshnessDocument } = await import("@steward/core");
    const measured: FreshnessDocument[] = [];
    for (const group of groups) measured.push(toFreshnessDocument(await measureFreshness(ports, group)));
    context.output.result({ groups: measured }, () => toText(measured));
    return measured.every(({ isFresh }) => isFresh) ? EXIT.done : EXIT.failed;
  },
};

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
