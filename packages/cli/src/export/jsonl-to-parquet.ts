// Decides how rows of JSON become a Parquet file, each feature a column of its type.

import { DuckDBInstance } from "@duckdb/node-api";
import { type FeatureGroup, quoteName, quoteText, UnavailableError, type ValueType } from "@steward/core";

/** Each line is an array: recordId, eventTime, then the features in the order of the group. */
export async function jsonlToParquet(
  group: FeatureGroup,
  jsonlFile: string,
  parquetFile: string,
): Promise<void> {
  const columns = [
    ["recordId", "VARCHAR"],
    ["eventTime", "TIMESTAMPTZ"],
    ...group.features.map(({ name, type }) => [name, toSqlType(type)]),
  ].map(([name = "", type], index) => `CAST(line->>${index} AS ${type}) AS ${quoteName(name)}`);
  const source = `read_json(${quoteText(jsonlFile)}, format = 'newline_delimited', records = false, columns = {line: 'JSON'})`;
  const instance = await DuckDBInstance.create(":memory:");
  try {
    const connection = await instance.connect();
    await connection.run(
      `COPY (SELECT ${columns.join(", ")} FROM ${source}) TO ${quoteText(parquetFile)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    connection.closeSync();
  } catch {
    // DuckDB's own message may quote a row.
    throw new UnavailableError("the Parquet file could not be written: is there room on the disk?");
  } finally {
    instance.closeSync();
  }
}

function toSqlType(type: ValueType): string {
  switch (type.kind) {
    case "text":
      return "VARCHAR";
    case "integer":
      return "BIGINT";
    case "decimal":
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case "float":
      return "DOUBLE";
    case "instant":
      return "TIMESTAMPTZ";
    case "date":
      return "DATE";
    case "boolean":
      return "BOOLEAN";
  }
}
