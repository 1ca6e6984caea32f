// `steward get`: one record, as one of the three stores has it.

import type { FeatureGroup, FeatureRecord, RecordRow, StoreName } from "@steward/core";
import { Argument } from "commander";
import { type CommandDefinition, defineCommand } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { toInstant } from "../option-values.ts";
import { asOfOption, groupArgument, storeOption } from "../options.ts";
import { toTable } from "../table.ts";

interface Input {
  readonly group: string;
  readonly id: string;
  readonly store: StoreName;
  readonly asOf?: string;
}

const definition: CommandDefinition<Input> = {
  name: "get",
  summary: "show one record",
  description: "Shows one record as a store has it. Identifiers are text: 00042 is not 42.",
  arguments: [
    groupArgument(),
    new Argument("<id>", "record identifier; after -- where it begins with a dash"),
  ],
  options: [storeOption().default("hot"), asOfOption("the record as it was then (offline store only)")],
  examples: [
    ["get customer-purchases 00042", "what serving reads"],
    ["get customer-purchases 00042 --store offline --as-of 1997-10-01", "as it was"],
  ],
  async run(context, { group: name, id, store, asOf }) {
    const asOfMs = await toInstant("--as-of", asOf);
    const group = await context.group(name);
    const { InvalidInputError, NotFoundError, readRecord, toRow, defaultedFeatures } = await import(
      "@steward/core"
    );
    if (asOfMs !== undefined && store !== "offline")
      throw new InvalidInputError("--as-of goes with --store offline");
    const { ports } = await context.openPlatform();
    const record = await readRecord(ports, group, id, store, asOfMs);
    if (record === undefined) {
      const then = asOf === undefined ? "" : ` as of ${asOf}`;
      throw new NotFoundError(
        `the ${store} store has no record of group "${name}" under this identifier${then}`,
      );
    }
    const row = toRow(group, record);
    const defaulted = defaultedFeatures(group, record);
    context.output.result({ ...row, defaulted }, () => toText(group, record, row, defaulted));
    return EXIT.done;
  },
};

function toText(
  group: FeatureGroup,
  record: FeatureRecord,
  row: RecordRow,
  defaulted: readonly string[],
): string {
  const features = Object.entries(row.features).map(([name, value]) => [
    name,
    value === null ? "null" : String(value),
    defaulted.includes(name) ? "default" : value === null ? "no value" : "",
  ]);
  const table = toTable(["FEATURE", "VALUE", "NOTE"], features);
  return `${group.entity.name} ${record.recordId} in ${group.name}, dated ${row.eventTime}\n${table}`;
}

export const get = () => defineCommand(definition);
