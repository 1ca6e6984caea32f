// `steward export`: all records of a group, as one of the three stores has them.

import type { FeatureGroup, StoreName } from "@steward/core";
import type { Platform } from "@steward/local";
import { Option } from "commander";
import { type CommandDefinition, defineCommand } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { type TextFormat, writeRows } from "../export/write-rows.ts";
import { groupArgument, storeOption } from "../options.ts";
import { UsageError } from "../plain-error.ts";
import { toCountOf } from "../words.ts";

interface Input {
  readonly group: string;
  readonly store: StoreName;
  readonly format: TextFormat | "parquet";
  readonly output?: string;
}

const definition: CommandDefinition<Input> = {
  name: "export",
  summary: "write all records of a group, from one of the three stores",
  description:
    "Writes every record of a group as a store has it, ascending by record identifier, defaults filled in;\n" +
    "records of suppressed subjects are left out.\n" +
    "jsonl: one {group, recordId, eventTime, features} a line. csv and parquet: recordId, eventTime, then the features.\n" +
    "A file appears whole or not at all.",
  arguments: [groupArgument()],
  options: [
    storeOption().makeOptionMandatory(),
    new Option("--format <format>", "form of the rows").choices(["jsonl", "csv", "parquet"]).default("jsonl"),
    new Option("--output <file>", "where to write (stdout; parquet needs a file)"),
  ],
  examples: [
    ["export customer-purchases --store hot", "one record a line"],
    [
      "export customer-purchases --store offline --format parquet --output purchases.parquet",
      "for a notebook",
    ],
  ],
  async run(context, { group: name, store, format, output }) {
    if (format === "parquet" && output === undefined)
      throw new UsageError("--format parquet needs --output FILE");
    const group = await context.group(name);
    const { ports } = await context.openPlatform();
    const { exportRecords } = await import("@steward/core");
    const pages = exportRecords(ports, group, store);
    if (output === undefined) {
      await writeRows(group, pages, format as TextFormat, (text) => context.output.write(text));
    } else {
      const records = await toFile(group, pages, format, output);
      context.output.result(
        { group: group.name, store, format, output, records },
        () => `Wrote ${toCountOf(records, "record")} of ${group.name} from the ${store} store to ${output}.`,
      );
    }
    if (store === "hot") {
      const warning = await findUnknown(ports, group);
      if (warning !== undefined) context.output.warning(warning);
    }
    return EXIT.done;
  },
};

async function toFile(
  group: FeatureGroup,
  pages: Parameters<typeof writeRows>[1],
  format: Input["format"],
  output: string,
): Promise<number> {
  const { writeParquet, writeTextFile } = await import("../export/export-file.ts");
  return format === "parquet"
    ? writeParquet(group, pages, output)
    : writeTextFile(output, (write) => writeRows(group, pages, format, write));
}

/** The hot store holds pseudonyms: what no known identifier leads to cannot be exported, and is said. */
async function findUnknown(ports: Platform["ports"], group: FeatureGroup): Promise<string | undefined> {
  const { countUnknownHotValues } = await import("@steward/core");
  const unknown = await countUnknownHotValues(ports, group);
  if (unknown === 0) return undefined;
  return `the hot store has ${toCountOf(unknown, "more value")} of ${group.name} that no identifier of the offline or online store leads to`;
}

export const exportGroup = () => defineCommand(definition);
