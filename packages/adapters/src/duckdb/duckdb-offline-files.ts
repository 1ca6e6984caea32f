// Decides how the offline store's Parquet files are read: a range of one file's rows, or the live record of each identifier.

import {
  type FeatureGroup,
  type FeatureRecord,
  type ObjectStore,
  type OfflineFiles,
  type OfflineQuery,
  quoteName,
  quoteText,
} from "@steward/core";
import { type DuckDbOptions, type DuckDbSession, streamDuckDb, withDuckDb } from "./duckdb-session.ts";
import { columnsOf, EVENT_TIME_MS, recordColumnsSql, toRecord } from "./offline-records.ts";

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
  ): Promise<readonly FeatureRecord[]> {
    const path = await this.#options.objects.locate(key);
    return withDuckDb(this.#options, `reading "${key}"`, async (session) => {
      const file = `read_parquet(${quoteText(path)}, file_row_number = true)`;
      const columns = recordColumnsSql(group, await columnsOf(session, file));
      const rows = await session.rows(`SELECT ${columns} FROM ${file}
        WHERE file_row_number >= ${fromRow} AND file_row_number < ${fromRow + rowCount} ORDER BY file_row_number`);
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

/** Ranked as AWS's own dataset builder does; of two rows alike in all three times, a tombstone wins: only a later row beats it. */
async function latestSql(
  session: DuckDbSession,
  group: FeatureGroup,
  query: OfflineQuery,
  paths: readonly string[],
): Promise<string> {
  const files = `read_parquet([${paths.map(quoteText).join(", ")}], union_by_name = true, filename = '_path',
    file_row_number = true)`;
  const id = quoteName(group.recordIdentifier);
  const conditions = [`${EVENT_TIME_MS} <= ${query.asOfMs}`];
  if (query.recordIds !== undefined) {
    await createWanted(session, query.recordIds);
    conditions.push(`${id} IN (SELECT id FROM wanted)`);
  }
  return `SELECT ${recordColumnsSql(group, await columnsOf(session, files))}
    FROM (SELECT * FROM ${files} WHERE ${conditions.join(" AND ")}
      QUALIFY row_number() OVER (PARTITION BY ${id} ORDER BY ${EVENT_TIME_MS} DESC, api_invocation_time DESC,
        write_time DESC, is_deleted DESC, _path DESC, file_row_number DESC) = 1)
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
