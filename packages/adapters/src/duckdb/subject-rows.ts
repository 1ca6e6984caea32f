// Decides, in SQL, which rows of a Parquet file are a subject's: any of the columns that name one, compared as whole
// text, and dated at or before the subject's time, or not dated at all.

import { DataRejectedError, quoteName, quoteText, type RowLayout, type SubjectRows } from "@steward/core";
import type { LocalVersion } from "../row-eraser.ts";
import type { DuckDbSession } from "./duckdb-session.ts";

/** All rows of the file with `file_row_number`; folders named like `year=2026` add no columns. */
export function fileRowsSql({ path }: LocalVersion): string {
  return `read_parquet(${quoteText(path)}, file_row_number = true, hive_partitioning = false)`;
}

/**
 * Creates `marked`: the rows that name a subject by their number `n`, and whether each goes (`is_gone`); and `mentions`,
 * the same for each `subject` that a row names, by its place among the subjects.
 */
export async function markRows(session: DuckDbSession, file: LocalVersion, rows: SubjectRows): Promise<void> {
  const types = await columnTypes(session, file);
  await createSubjects(session, rows);
  const named = namedSql(file, rows, types);
  await session.run(
    named.length === 0
      ? "CREATE TABLE mentions (n BIGINT, subject INTEGER, is_gone BOOLEAN)"
      : `CREATE TABLE mentions AS
          SELECT n, subject, bool_or(time IS NULL OR time <= until_ms) AS is_gone
          FROM (${named.join(" UNION ALL ")}) JOIN subjects USING (identifier) GROUP BY n, subject`,
  );
  await session.run("CREATE TABLE marked AS SELECT n, bool_or(is_gone) AS is_gone FROM mentions GROUP BY n");
}

interface NamedColumn {
  readonly name: string;
  readonly type: string;
}

const DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
const TIME = String.raw`([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?`;
const INSTANT = `${DATE}T${TIME}(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])`;
/** Bytes of `yyyy-MM-ddTHH:mm:ss`. */
const SECONDS_LENGTH = 19;

/** By name in small letters, as DuckDB and Glue see names. */
async function columnTypes(
  session: DuckDbSession,
  file: LocalVersion,
): Promise<ReadonlyMap<string, NamedColumn>> {
  const rows = await session.rows(`DESCRIBE SELECT * EXCLUDE (file_row_number) FROM ${fileRowsSql(file)}`);
  const columns = rows.map((row) => ({ name: String(row.column_name), type: String(row.column_type) }));
  return new Map(columns.map((column) => [column.name.toLowerCase(), column]));
}

async function createSubjects(session: DuckDbSession, rows: SubjectRows): Promise<void> {
  await session.run("CREATE TABLE subjects (identifier VARCHAR, until_ms BIGINT, subject INTEGER)");
  const appender = await session.connection.createAppender("subjects");
  for (const [subject, { identifier, untilMs }] of rows.subjects.entries()) {
    appender.appendVarchar(identifier);
    appender.appendBigInt(BigInt(untilMs));
    appender.appendInteger(subject);
    appender.endRow();
  }
  appender.closeSync();
}

/** A SELECT of `n`, `time` (milliseconds or NULL) and `identifier` for each column that may name a subject. */
function namedSql(
  file: LocalVersion,
  { layout, columns }: SubjectRows,
  types: ReadonlyMap<string, NamedColumn>,
): readonly string[] {
  const from = fileRowsSql(file);
  if (layout.kind === "set-aside") {
    const cells = getColumn(file, types, "cells", "VARCHAR[]");
    const time = textTimeSql(`${cells}[${layout.eventTimeIndex + 1}]`);
    return [`SELECT file_row_number AS n, ${time} AS time, unnest(${cells}) AS identifier FROM ${from}`];
  }
  const naming = columns.filter((column) => types.has(column.toLowerCase()));
  if (naming.length === 0) return [];
  const time = timeSql(file, layout, types);
  return naming.map((column) => {
    const name = getColumn(file, types, column, "VARCHAR");
    return `SELECT file_row_number AS n, ${time} AS time, ${name} AS identifier FROM ${from}`;
  });
}

function getColumn(
  file: LocalVersion,
  types: ReadonlyMap<string, NamedColumn>,
  column: string,
  type: string,
): string {
  const found = types.get(column.toLowerCase());
  if (found === undefined) throw refused(file, `lacks the column "${column}"`);
  if (found.type !== type)
    throw refused(file, `has no text in the column "${column}", so its subjects cannot be told`);
  return quoteName(found.name);
}

function timeSql(
  file: LocalVersion,
  layout: Exclude<RowLayout, { kind: "set-aside" }>,
  types: ReadonlyMap<string, NamedColumn>,
): string {
  const column = layout.kind === "offline" ? "event_time" : layout.eventTime;
  const found = types.get(column.toLowerCase());
  if (found === undefined) throw refused(file, `lacks the column "${column}", which dates its rows`);
  const name = quoteName(found.name);
  if (found.type === "VARCHAR") return textTimeSql(name);
  if (found.type === "DOUBLE") return `CASE WHEN isfinite(${name}) THEN floor(${name} * 1000) END`;
  if (found.type === "DATE" || found.type.startsWith("TIMESTAMP"))
    return `CASE WHEN isfinite(${name}) THEN epoch_ms(${found.type.includes("ZONE") ? name : `CAST(${name} AS TIMESTAMP)`}) END`;
  throw refused(
    file,
    `has neither text, a double nor an instant in the column "${column}", which dates its rows`,
  );
}

/** A date, or an instant of any precision to the nanosecond, cut to its millisecond; NULL for every other text. */
function textTimeSql(text: string): string {
  const fraction = String.raw`CAST(rpad(regexp_extract(${text}, '\.([0-9]{1,3})', 1), 3, '0') AS BIGINT)`;
  const minutes = `CASE WHEN ends_with(${text}, 'Z') THEN 0 ELSE
    CAST(${text}[-6] || '1' AS BIGINT) * (CAST(${text}[-5:-4] AS BIGINT) * 60 + CAST(${text}[-2:] AS BIGINT)) END`;
  return `CASE
    WHEN regexp_full_match(${text}, '${DATE}') THEN epoch_ms(CAST(TRY_CAST(${text} AS DATE) AS TIMESTAMP))
    WHEN regexp_full_match(${text}, '${INSTANT}')
      THEN epoch_ms(TRY_CAST(${text}[:${SECONDS_LENGTH}] AS TIMESTAMP)) + ${fraction} - (${minutes}) * 60000 END`;
}

function refused({ key }: LocalVersion, fault: string): DataRejectedError {
  return new DataRejectedError(`"${key}" ${fault}`);
}
