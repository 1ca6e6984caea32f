// Parquet files in Feature Store's layout for tests, written by DuckDB from JSON: not the way in which the batch engine writes its own.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { FeatureGroup } from "@steward/core";
import type { OfflineRow } from "../ports/offline-files.ts";

const TYPES: Readonly<Record<string, string>> = {
  integer: "BIGINT",
  boolean: "BIGINT",
  decimal: "DOUBLE",
  float: "DOUBLE",
};

/** Its path. */
export async function writeOfflineParquet(
  folder: string,
  group: FeatureGroup,
  rows: readonly OfflineRow[],
  without: readonly string[],
): Promise<string> {
  const features = group.features.filter(({ name }) => !without.includes(name));
  const types = [
    `${group.recordIdentifier}: 'VARCHAR'`,
    ...features.map(({ name, type }) => `${name}: '${TYPES[type.kind] ?? "VARCHAR"}'`),
    "event_time: 'VARCHAR', write_time: 'TIMESTAMP', api_invocation_time: 'TIMESTAMP', is_deleted: 'BOOLEAN'",
  ];
  const json = join(folder, "rows.jsonl");
  const path = join(folder, "rows.parquet");
  // DuckDB takes a text for a number where the column is one.
  const withNaN = (_: string, value: unknown) => (Number.isNaN(value) ? "NaN" : value);
  const lines = rows.map((row) => JSON.stringify(toOfflineColumns(group, row), withNaN));
  writeFileSync(json, lines.join("\n"));
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  await connection.run(`COPY (SELECT * FROM read_json('${json}', format = 'newline_delimited',
    columns = {${types.join(", ")}})) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

function toOfflineColumns(group: FeatureGroup, row: OfflineRow) {
  return {
    [group.recordIdentifier]: row.recordId,
    ...row.features,
    event_time: row.eventTime,
    write_time: row.writeTime ?? "2025-01-01",
    api_invocation_time: row.apiInvocationTime ?? "2025-01-01",
    is_deleted: row.isDeleted ?? false,
  };
}
