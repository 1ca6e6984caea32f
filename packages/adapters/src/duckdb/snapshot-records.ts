// Decides what a snapshot of a group's offline files is: the latest live row of each record as of an instant, without
// what is suppressed, staged as the write path reads it.

import {
  DataRejectedError,
  NotFoundError,
  type ObjectStore,
  type OfflineFile,
  type Pseudonymiser,
  quoteName,
  quoteText,
  type Snapshot,
  type SnapshotJob,
  type SnapshotScope,
  type SnapshotSize,
  StewardError,
} from "@steward/core";
import { asNumber, type DuckDbSession } from "./duckdb-session.ts";
import { createRecords, recordsPath, sortedWithPseudonymSql, stageFiles } from "./offline-layout.ts";
import {
  checksumSql,
  columnsOf,
  EVENT_TIME_MS,
  LATEST_FIRST,
  offlineRowsSql,
  storedTypeSql,
} from "./offline-records.ts";
import { StagedObjects } from "./staged-objects.ts";
import { suppressionSql } from "./subject-suppressions.ts";

interface SnapshotOptions {
  readonly objects: ObjectStore;
  readonly pseudonymiser: Pseudonymiser;
}

/** An event time's text, and the form in which suppressions are compared. */
const EVENT_TIME_BYTES = 24;
const EVENT_TIME = `epoch_ms(${EVENT_TIME_MS})`;

/** What a snapshot of these files would hold; stages nothing. */
export async function measureSnapshot(
  session: DuckDbSession,
  options: SnapshotOptions,
  scope: SnapshotScope,
): Promise<SnapshotSize> {
  return naming(session, options, scope, async () => {
    await createLive(session, options, scope);
    return sizeOf(session, scope, "live");
  });
}

export async function snapshotRecords(
  session: DuckDbSession,
  options: SnapshotOptions,
  job: SnapshotJob,
): Promise<Snapshot> {
  const staged = new StagedObjects(options.objects, job.outputPrefix);
  await naming(session, options, job, async () => {
    await createLive(session, options, job);
    await createRecords(
      session,
      job,
      "staged",
      sortedWithPseudonymSql(options.pseudonymiser, job.group, "live"),
    );
  });
  const size = await sizeOf(session, job, "records");
  const checksums = await checksumsOf(session, job);
  const files = await stageFiles(session, staged, job, "staged", size.recordCount);
  await staged.removeOthers();
  return {
    ...size,
    files: files.map((file, index) => ({ ...file, checksums: checksums.get(index) ?? [] })),
  };
}

/** The view `live`: rows of the group's own offline layout, one a record. */
async function createLive(
  session: DuckDbSession,
  options: SnapshotOptions,
  scope: SnapshotScope,
): Promise<void> {
  const { group } = scope;
  const paths: string[] = [];
  for (const file of scope.files) paths.push(await checkedPath(session, options.objects, file));
  if (paths.length === 0) throw new DataRejectedError(`group "${group.name}" has no offline file`);
  await session.run(`CREATE VIEW stored AS SELECT * FROM ${offlineRowsSql(paths)}`);
  const columns = await columnsOf(session, "stored");
  const subjects = [
    { entity: group.entity.name, column: group.recordIdentifier },
    ...Object.entries(group.subjectColumns).map(([entity, column]) => ({ entity, column })),
  ].filter(({ column }) => columns.has(column));
  const suppressed = await suppressionSql(
    session,
    options.pseudonymiser,
    "stored",
    EVENT_TIME,
    subjects,
    scope.suppressions,
  );
  const id = quoteName(group.recordIdentifier);
  const features = group.features.map(({ name, type }) => {
    const value = columns.has(name) ? quoteName(name) : "NULL";
    return `CAST(${value} AS ${storedTypeSql(type)}) AS ${quoteName(name)}`;
  });
  await session.run(`CREATE VIEW live AS
    SELECT ${[id, ...features].join(", ")}, event_time, CAST(write_time AS TIMESTAMP) AS write_time,
      CAST(api_invocation_time AS TIMESTAMP) AS api_invocation_time, is_deleted
    FROM (SELECT e.* FROM stored AS e ${suppressed.joins}
      WHERE ${EVENT_TIME_MS} <= ${scope.asOfMs} AND NOT ${suppressed.isSuppressed}
      QUALIFY row_number() OVER (PARTITION BY e.${id} ORDER BY ${LATEST_FIRST}) = 1)
    WHERE NOT is_deleted`);
}

async function sizeOf(
  session: DuckDbSession,
  { group }: SnapshotScope,
  relation: string,
): Promise<SnapshotSize> {
  const values = group.features.map(
    ({ name }) => `coalesce(strlen(CAST(${quoteName(name)} AS VARCHAR)) + ${Buffer.byteLength(name)}, 0)`,
  );
  const bytes = [`strlen(${quoteName(group.recordIdentifier)})`, EVENT_TIME_BYTES, ...values].join(" + ");
  const row = await session.row(`SELECT count(*) AS records, sum(${bytes}) AS bytes FROM ${relation}`);
  return { recordCount: asNumber(row.records), valueBytes: asNumber(row.bytes) };
}

/** By file, a checksum for each run of `rowsPerChunk` rows. */
async function checksumsOf(
  session: DuckDbSession,
  job: SnapshotJob,
): Promise<ReadonlyMap<number, readonly string[]>> {
  const columns = await columnsOf(session, "records");
  const rows = await session.rows(`SELECT file_row_number // ${job.rowsPerFile} AS file,
      (file_row_number % ${job.rowsPerFile}) // ${job.rowsPerChunk} AS chunk, ${checksumSql(columns)} AS checksum
    FROM read_parquet(${quoteText(recordsPath(session))}, file_row_number = true) GROUP BY file, chunk ORDER BY file, chunk`);
  const byFile = Map.groupBy(rows, ({ file }) => asNumber(file));
  return new Map([...byFile].map(([file, chunks]) => [file, chunks.map(({ checksum }) => String(checksum))]));
}

/** Where a file lies, once it is there as it was written, and has as many rows as its manifest says. */
async function checkedPath(
  session: DuckDbSession,
  objects: ObjectStore,
  { key, rowCount, rewrittenRowCount }: OfflineFile,
): Promise<string> {
  const path = await locate(objects, key);
  if (!(await objects.isIntact(key))) throw rejected(key, "has lost bytes, or others stand in their place");
  let found: number;
  try {
    found = asNumber(
      (await session.row(`SELECT num_rows FROM parquet_file_metadata(${quoteText(path)})`)).num_rows,
    );
  } catch (error) {
    throw rejected(key, "cannot be read as Parquet", error);
  }
  if (rowCount !== undefined && found !== rowCount && found !== rewrittenRowCount)
    throw rejected(key, `has ${found} rows where its manifest says ${rowCount}`);
  return path;
}

/** Where reading fails in the middle, the file that cannot be read is named: it was put so. */
async function naming<T>(
  session: DuckDbSession,
  options: SnapshotOptions,
  { files }: SnapshotScope,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StewardError) throw error; // no memory, a disk gone, a value out of range
    for (const { key } of files) {
      const file = `read_parquet(${quoteText(await locate(options.objects, key))})`;
      try {
        await session.row(`SELECT ${checksumSql(await columnsOf(session, file))} AS checksum FROM ${file}`);
      } catch {
        throw rejected(key, "cannot be read to its end, so it may be damaged", error);
      }
    }
    throw error;
  }
}

async function locate(objects: ObjectStore, key: string): Promise<string> {
  try {
    return await objects.locate(key);
  } catch (error) {
    if (error instanceof NotFoundError) throw rejected(key, "is missing", error);
    throw error;
  }
}

function rejected(key: string, fault: string, cause?: unknown): DataRejectedError {
  return new DataRejectedError(
    `the offline file "${key}" ${fault}: bring it back from an older version or a backup`,
    { cause },
  );
}
