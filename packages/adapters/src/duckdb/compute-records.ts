// Decides how a refresh's records become offline files: which events count, the layout, the order, the figures about them.

import {
  type ComputedRecords,
  type ComputeJob,
  type EventPartition,
  eventTimeSql,
  type FeatureGroup,
  MAX_PARTITIONS,
  type ObjectStore,
  type Pseudonymiser,
  quoteName,
  quoteText,
  refreshSql,
  type Source,
  timestampSql,
  toEpochMs,
  toIso,
} from "@steward/core";
import { eventTypeSql } from "./cell-sql.ts";
import { asNumber, asOptionalNumber, type DuckDbSession } from "./duckdb-session.ts";
import { createRecords, recordsPath, sortedSql, stageFiles } from "./offline-layout.ts";
import { StagedObjects } from "./staged-objects.ts";
import { statisticsOf } from "./statistics-sql.ts";
import { type SubjectColumn, suppressionSql } from "./subject-suppressions.ts";

interface ComputeOptions {
  readonly objects: ObjectStore;
  readonly pseudonymiser: Pseudonymiser;
}

export async function computeRecords(
  session: DuckDbSession,
  options: ComputeOptions,
  job: ComputeJob,
): Promise<ComputedRecords> {
  const { group } = job;
  const staged = new StagedObjects(options.objects, job.outputPrefix);
  await createEvents(session, options, job);
  const events = await countEvents(session, job);
  await writeRecords(session, options.pseudonymiser, job);
  const counts = await session.row(`SELECT count(*) AS records,
    count(*) - count(DISTINCT nullif(${quoteName(group.recordIdentifier)}, '')) AS broken FROM records`);
  const recordCount = asNumber(counts.records);
  const columns = await session.rows("DESCRIBE records");
  const statistics = await statisticsOf(session, group, recordsPath(session));
  const files = await stageFiles(session, staged, job, "kept", recordCount);
  await staged.removeOthers();
  return {
    files,
    recordCount,
    brokenIdentifierCount: asNumber(counts.broken),
    columns: columns.map((column) => ({
      name: String(column.column_name),
      type: String(column.column_type),
    })),
    statistics,
    ...events,
  };
}

/** The relation that `refreshSql` reads: `events`, each once, without those of suppressed subjects. */
async function createEvents(session: DuckDbSession, options: ComputeOptions, job: ComputeJob): Promise<void> {
  const { source } = job.group;
  const paths = await Promise.all(job.events.map(({ key }) => options.objects.locate(key)));
  await session.run(`CREATE VIEW stored AS ${storedSql(job, paths)}`);
  const time = eventTimeSql(source);
  const sql = await suppressionSql(
    session,
    options.pseudonymiser,
    "stored",
    time,
    subjectsOf(job.group),
    job.suppressions,
  );
  await session.run(`CREATE VIEW events AS
    SELECT e.* FROM stored AS e ${sql.joins} WHERE ${time} < ${timestampSql(job.asOfMs)} AND NOT ${sql.isSuppressed}`);
}

function subjectsOf(group: FeatureGroup): readonly SubjectColumn[] {
  const others = Object.entries(group.subjectColumns).map(([entity, column]) => ({ entity, column }));
  return [{ entity: group.entity.name, column: group.recordIdentifier }, ...others];
}

/**
 * The rows of the event files; where the source names an event id, of two with one id the one of the later commit.
 * That comes before anything is filtered: an event that was moved past the as-of must not come back as it was before.
 */
function storedSql(job: ComputeJob, paths: readonly string[]): string {
  const { source } = job.group;
  if (paths.length === 0) return noEventsSql(source);
  const list = paths.map(quoteText).join(", ");
  if (source.eventId === undefined) return `SELECT * FROM read_parquet([${list}])`;
  const id = quoteName(source.eventId);
  const sequences = job.events.map(
    ({ sequence }, index) => `(${quoteText(paths[index] ?? "")}, ${sequence})`,
  );
  return `SELECT * EXCLUDE (_path, _sequence)
    FROM read_parquet([${list}], filename = '_path')
    JOIN (VALUES ${sequences.join(", ")}) AS files(_path, _sequence) USING (_path)
    QUALIFY ${id} IS NULL OR row_number() OVER (PARTITION BY ${id} ORDER BY _sequence DESC, _row DESC) = 1`;
}

function noEventsSql(source: Source): string {
  const columns = Object.entries(source.columns).map(
    ([name, { type }]) => `CAST(NULL AS ${eventTypeSql(type)}) AS ${quoteName(name)}`,
  );
  return `SELECT ${columns.join(", ")}, '' AS _file, CAST(0 AS BIGINT) AS _row WHERE FALSE`;
}

async function countEvents(session: DuckDbSession, job: ComputeJob) {
  const counts = await session.row(
    `SELECT count(*) AS events, epoch_ms(max(${eventTimeSql(job.group.source)})) AS greatest FROM events`,
  );
  const greatest = asOptionalNumber(counts.greatest);
  return {
    eventCount: asNumber(counts.events),
    greatestEventTimeMs: greatest === undefined ? undefined : toEpochMs(greatest),
    partitions: await partitionsOf(session, job.group.source),
  };
}

/** The silent ones come first, so that the limit cuts off those that nobody needs to hear of. */
async function partitionsOf(
  session: DuckDbSession,
  source: Source,
): Promise<readonly EventPartition[] | undefined> {
  if (source.partition === undefined) return undefined;
  const name = `coalesce(CAST(${quoteName(source.partition)} AS VARCHAR), '')`;
  const rows = await session.rows(`SELECT ${name} AS name, epoch_ms(max(${eventTimeSql(source)})) AS greatest
    FROM events GROUP BY ALL ORDER BY greatest, name LIMIT ${MAX_PARTITIONS}`);
  return rows.map((row) => ({
    name: String(row.name),
    greatestEventTimeMs: toEpochMs(asNumber(row.greatest)),
  }));
}

/** Writes all records into one file in the order of the write path; `records` reads it. */
async function writeRecords(
  session: DuckDbSession,
  pseudonymiser: Pseudonymiser,
  job: ComputeJob,
): Promise<void> {
  const sorted = sortedSql(pseudonymiser, job.group, `(${refreshSql(job.group, job.asOfMs)})`);
  await createRecords(session, job, "kept", layoutSql(job, sorted));
}

/** Rows as Feature Store's offline store has them. What they share is put beside them after they are sorted. */
function layoutSql(job: ComputeJob, records: string): string {
  const written = timestampSql(job.writeTimeMs);
  return `SELECT * EXCLUDE (_tag), ${quoteText(toIso(job.asOfMs))} AS event_time, ${written} AS write_time,
    ${written} AS api_invocation_time, FALSE AS is_deleted FROM (${records})`;
}
