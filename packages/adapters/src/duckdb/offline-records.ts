// Decides how a row of an offline file becomes a feature record, whichever engine wrote the file.

import {
  type Feature,
  type FeatureGroup,
  type FeatureRecord,
  type FeatureValue,
  quoteName,
  quoteText,
  toEpochMs,
  type ValueType,
} from "@steward/core";
import { asNumber, type DuckDbSession, type SqlRow } from "./duckdb-session.ts";

/** The SELECT list that `toRecord` reads, over a relation with these columns; features that it lacks have no value. */
export function recordColumnsSql(group: FeatureGroup, columns: ReadonlySet<string>): string {
  const features = group.features.map((feature, index) => {
    const value = columns.has(feature.name) ? quoteName(feature.name) : "NULL";
    return `CAST(${value} AS ${storedTypeSql(feature.type)}) AS f${index}`;
  });
  return [`${quoteName(group.recordIdentifier)} AS _id`, `${EVENT_TIME_MS} AS _time`, ...features].join(", ");
}

/** The event time of a row in milliseconds: Feature Store keeps ISO-8601 text of any precision to the nanosecond. */
export const EVENT_TIME_MS = "epoch_ms(CAST(event_time AS TIMESTAMPTZ))";

/** Of the rows of one identifier, the live one or its tombstone first. Ranked as AWS's own dataset builder does; of two
 * rows alike in all three times, a tombstone wins: only a later row beats it. Needs `_path` and `file_row_number`. */
export const LATEST_FIRST = `${EVENT_TIME_MS} DESC, api_invocation_time DESC, write_time DESC, is_deleted DESC,
  _path DESC, file_row_number DESC`;

/** All rows of offline files, whichever version of the group wrote them, with the columns that `LATEST_FIRST` needs. */
export function offlineRowsSql(paths: readonly string[]): string {
  return `read_parquet([${paths.map(quoteText).join(", ")}], union_by_name = true, filename = '_path',
    file_row_number = true)`;
}

/** A sum over all cells of rows, whatever their order: two engines' sums may differ, one's own never do. */
export function checksumSql(columns: Iterable<string>): string {
  return `CAST(sum(${rowHashSql(columns)}) AS VARCHAR)`;
}

/** What a row adds to the sum. */
export function rowHashSql(columns: Iterable<string>): string {
  return `hash(${[...columns].map(quoteName).join(", ")})`;
}

export function toRecord(features: readonly Feature[], row: SqlRow): FeatureRecord {
  const values: Record<string, FeatureValue> = {};
  for (const [index, { name, type }] of features.entries()) {
    const value = row[`f${index}`];
    if (value !== null && value !== undefined) values[name] = toValue(value, type);
  }
  return { recordId: String(row._id), eventTimeMs: toEpochMs(asNumber(row._time)), features: values };
}

/** The columns of a relation. */
export async function columnsOf(
  session: Pick<DuckDbSession, "rows">,
  relation: string,
): Promise<ReadonlySet<string>> {
  const rows = await session.rows(`DESCRIBE SELECT * FROM ${relation}`);
  return new Set(rows.map((row) => String(row.column_name)));
}

export function toValue(value: unknown, type: ValueType): FeatureValue {
  switch (type.kind) {
    case "text":
    case "instant":
    case "date":
      return String(value);
    case "boolean":
      return asNumber(value) === 1;
    case "integer":
    case "decimal":
    case "float":
      return asNumber(value);
  }
}

export function storedTypeSql(type: ValueType): string {
  switch (type.kind) {
    case "text":
    case "instant":
    case "date":
      return "VARCHAR";
    case "boolean":
    case "integer":
      return "BIGINT";
    case "decimal":
    case "float":
      return "DOUBLE";
  }
}
