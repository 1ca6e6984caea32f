// Decides what of the parsed rows of one file becomes its event file and its file of set-aside rows, and the counts.

import { join } from "node:path";
import {
  type AppendedFile,
  type AppendJob,
  eventTimeSql,
  type InspectedFile,
  type Pseudonymiser,
  quoteName,
  quoteText,
  type Source,
  toEpochMs,
} from "@steward/core";
import { asNumber, asOptionalNumber, type DuckDbSession } from "./duckdb-session.ts";
import { verdictSql } from "./parse-rows.ts";
import type { StagedObjects } from "./staged-objects.ts";
import { suppressionSql } from "./subject-suppressions.ts";

/** DuckDB's own default: the fewest groups that still let a reader skip. */
const ROWS_PER_ROW_GROUP = 122_880;
/** A dictionary pays for a few values many times over, not for identifiers. */
const MAX_DICTIONARY_VALUES = 1_000;
/** Version 2 packs row numbers as differences: half the time to write and a third of the size. */
const PARQUET = `FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, PARQUET_VERSION V2, ROW_GROUP_SIZE ${ROWS_PER_ROW_GROUP},
  DICTIONARY_SIZE_LIMIT ${MAX_DICTIONARY_VALUES}`;

/** Stages the rows of `parsed` and `broken` as the objects of number `index`. */
export async function stageRows(
  session: DuckDbSession,
  pseudonymiser: Pseudonymiser,
  job: Omit<AppendJob, "files">,
  file: InspectedFile,
  index: number,
  staged: StagedObjects,
): Promise<AppendedFile> {
  // A type of one value: Parquet takes it as a dictionary at once, where text would be hashed row by row.
  await session.run(`CREATE TYPE file_name AS ENUM (${quoteText(file.name)})`);
  const isSuppressing = await markSuppressed(session, pseudonymiser, job);
  const counts = await countRows(session, job, isSuppressing);
  const { eventCount, setAsideCount } = counts;
  const origin = `, KV_METADATA {content_id: ${quoteText(file.contentId)}, size_bytes: '${file.sizeBytes}'}`;
  const events = await writeRows(session, eventsSql(job.source, file, isSuppressing), "events", eventCount);
  const setAside = await writeRows(
    session,
    setAsideSql(job.source, file, isSuppressing),
    "set-aside",
    setAsideCount,
    origin,
  );
  return {
    ...file,
    ...counts,
    eventKey: events && (await staged.put("events", index, events, eventCount)).key,
    setAsideKey: setAside && (await staged.put("set-aside", index, setAside, setAsideCount)).key,
  };
}

/** Puts the numbers of suppressed rows into `suppressed_rows`; false when there can be none. */
async function markSuppressed(
  session: DuckDbSession,
  pseudonymiser: Pseudonymiser,
  job: Omit<AppendJob, "files">,
): Promise<boolean> {
  const { source, subjectColumns, suppressions } = job;
  const time = eventTimeSql(source);
  const sql = await suppressionSql(session, pseudonymiser, "parsed", time, subjectColumns, suppressions);
  if (sql.joins === "") return false;
  await session.run(
    `CREATE TABLE suppressed_rows AS SELECT DISTINCT e._row FROM parsed AS e ${sql.joins} WHERE ${sql.isSuppressed}`,
  );
  return true;
}

/** The rows that no suppression drops. */
function kept(isSuppressing: boolean): string {
  return isSuppressing
    ? "(SELECT * FROM parsed WHERE _row NOT IN (SELECT _row FROM suppressed_rows))"
    : "parsed";
}

async function countRows(session: DuckDbSession, job: Omit<AppendJob, "files">, isSuppressing: boolean) {
  const time = eventTimeSql(job.source);
  const counts = await session.row(`SELECT (SELECT count(*) FROM parsed) AS rows, count(*) AS kept,
      count(*) FILTER (WHERE _verdict = 0) AS events,
      epoch_ms(min(${time}) FILTER (WHERE _verdict = 0)) AS least,
      epoch_ms(max(${time}) FILTER (WHERE _verdict = 0)) AS greatest
    FROM ${kept(isSuppressing)}`);
  const least = asOptionalNumber(counts.least);
  const greatest = asOptionalNumber(counts.greatest);
  return {
    rowCount: asNumber(counts.rows),
    eventCount: asNumber(counts.events),
    setAsideCount: asNumber(counts.kept) - asNumber(counts.events),
    suppressedCount: asNumber(counts.rows) - asNumber(counts.kept),
    minEventTimeMs: least === undefined ? undefined : toEpochMs(least),
    maxEventTimeMs: greatest === undefined ? undefined : toEpochMs(greatest),
  };
}

function eventsSql(source: Source, file: InspectedFile, isSuppressing: boolean): string {
  const columns = Object.keys(source.columns).map(quoteName).join(", ");
  // A plain scan keeps the order of the rows; the join that drops suppressed ones need not.
  return `SELECT ${columns}, CAST(${quoteText(file.name)} AS file_name) AS _file, _row FROM ${kept(isSuppressing)}
    WHERE _verdict = 0 ${isSuppressing ? "ORDER BY _row" : ""}`;
}

function setAsideSql(source: Source, file: InspectedFile, isSuppressing: boolean): string {
  const verdict = verdictSql(source);
  return `SELECT CAST(${quoteText(file.name)} AS file_name) AS _file, p._row,
      CASE WHEN b.rule IS NULL THEN ${verdict.column} ELSE b."column" END AS "column",
      coalesce(b.rule, ${verdict.rule}) AS rule, coalesce(b.cells, p._cells) AS cells
    FROM ${kept(isSuppressing)} AS p LEFT JOIN broken AS b ON b."row" = p._row
    WHERE p._verdict <> 0 ORDER BY p._row`;
}

/** Writes the rows of a query into a file of the session's; undefined when there are none. */
async function writeRows(
  session: DuckDbSession,
  sql: string,
  name: string,
  rowCount: number,
  more = "",
): Promise<string | undefined> {
  if (rowCount === 0) return undefined;
  const path = join(session.folder, `${name}.parquet`);
  await session.run(`COPY (${sql}) TO ${quoteText(path)} (${PARQUET}${more})`);
  return path;
}
