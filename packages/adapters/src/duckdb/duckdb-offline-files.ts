// Decides how the offline store's Parquet files are read: a range of one file's rows, or the live record of each identifier.

import {
  DataRejectedError,
  type FeatureGroup,
  type FeatureRecord,
  type ObjectStore,
  type OfflineFiles,
  type OfflineQuery,
  quoteName,
  quoteText,
} from "@steward/core";
import { type DuckDbOptions, type DuckDbSession, streamDuckDb, withDuckDb } from "./duckdb-session.ts";
import {
  checksumSql,
  columnsOf,
  EVENT_TIME_MS,
  LATEST_FIRST,
  offlineRowsSql,
  recordColumnsSql,
  toRecord,
} from "./offline-records.ts";

export interface DuckDbOfflineFilesOptions extends DuckDbOptions {
  readonly objects: ObjectStore;
}

const RECORDS_PER_PAGE = 4_096;

export class DuckDbOfflineFiles implements OfflineFiles {
  readonly #options: DuckDbOfflineFilesOptions;

  constructor(options: DuckDbOfflineFilesOptions) {
    this.#options = options;
  }

  async readRows(
    group: FeatureGroup,
    key: string,
    fromRow: number,
    rowCount: number,
    checksum?: string,
  ): Promise<readonly FeatureRecord[]> {
    const path = await this.#options.objects.locate(key);
    return withDuckDb(this.#options, `reading "${key}"`, async (session) => {
      const file = `read_parquet(${quoteText(path)}, file_row_number = true)`;
      const columns = await columnsOf(session, file);
      const where = `WHERE file_row_number >= ${fromRow} AND file_row_number < ${fromRow + rowCount}`;
      if (checksum !== undefined) await checkRows(session, `${file} ${where}`, columns, checksum, key);
      const rows = await session.rows(
        `SELECT ${recordColumnsSql(group, columns)} FROM ${file} ${where} ORDER BY file_row_number`,
      );
      return rows.map((row) => toRecord(group.features, row));
    });
  }

  async *readLatest(group: FeatureGroup, query: OfflineQuery): AsyncGenerator<readonly FeatureRecord[]> {
    if (query.keys.length === 0) return;
    const paths = await Promise.all(query.keys.map((key) => this.#options.objects.locate(key)));
    yield* streamDuckDb(this.#options, `reading the offline files of "${group.name}"`, (session) =>
      latestPages(session, group, query, paths),
    );
  }
}

async function checkRows(
  session: DuckDbSession,
  relation: string,
  columns: ReadonlySet<string>,
  checksum: string,
  key: string,
): Promise<void> {
  const stored = new Set([...columns].filter((name) => name !== "file_row_number"));
  const { found } = await session.row(`SELECT ${checksumSql(stored)} AS found FROM ${relation}`);
  if (found !== checksum) throw new DataRejectedError(`the rows of "${key}" are not those that were staged`);
}

async function* latestPages(
  session: DuckDbSession,
  group: FeatureGroup,
  query: OfflineQuery,
  paths: readonly string[],
): AsyncGenerator<readonly FeatureRecord[]> {
  let page: FeatureRecord[] = [];
  for await (const rows of session.batches(await latestSql(session, group, query, paths))) {
    for (const row of rows) page.push(toRecord(group.features, row));
    if (page.length >= RECORDS_PER_PAGE) {
      yield page;
      page = [];
    }
  }
  if (page.length > 0) yield page;
}

async function latestSql(
  session: DuckDbSession,
  group: FeatureGroup,
  query: OfflineQuery,
  paths: readonly string[],
): Promise<string> {
  const files = offlineRowsSql(paths);
  const id = quoteName(group.recordIdentifier);
  const conditions = [`${EVENT_TIME_MS} <= ${query.asOfMs}`];
  if (query.recordIds !== undefined) {
    await createWanted(session, query.recordIds);
    conditions.push(`${id} IN (SELECT id FROM wanted)`);
  }
  return `SELECT ${recordColumnsSql(group, await columnsOf(session, files))}
    FROM (SELECT * FROM ${files} WHERE ${conditions.join(" AND ")}
      QUALIFY row_number() OVER (PARTITION BY ${id} ORDER BY ${LATEST_FIRST}) = 1)
    WHERE NOT is_deleted ORDER BY ${id}`;
}

async function createWanted(session: DuckDbSession, recordIds: readonly string[]): Promise<void> {
  await session.run("CREATE TABLE wanted (id VARCHAR)");
  const appender = await session.connection.createAppender("wanted");
  for (const id of recordIds) {
    appender.appendVarchar(id);
    appender.endRow();
  }
  appender.closeSync();
}
