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
  type StagedRecord,
} from "@steward/core";
import { type DuckDbOptions, type DuckDbSession, SharedDuckDb, streamDuckDb } from "./duckdb-session.ts";
import {
  columnsOf,
  EVENT_TIME_MS,
  LATEST_FIRST,
  offlineRowsSql,
  recordColumnsSql,
  toRecord,
} from "./offline-records.ts";
import { readOfflineRows } from "./offline-rows.ts";

export interface DuckDbOfflineFilesOptions extends DuckDbOptions {
  readonly objects: ObjectStore;
}

const RECORDS_PER_PAGE = 4_096;
/** What reading one row group takes, whatever the size of its file. */
const ROWS_MEMORY_LIMIT = "256MB";
/** A row group is one thread's work; a second one only waits, and costs a sixth of the processor's time. */
const ROWS_THREADS = 1;

/** Whoever opens it closes it. */
export class DuckDbOfflineFiles implements OfflineFiles {
  readonly #options: DuckDbOfflineFilesOptions;
  readonly #rows: SharedDuckDb;
  /** Of the file that was read last: chunks of one come together, and a path never gets other bytes. */
  #last: { readonly path: string; readonly columns: ReadonlySet<string> } | undefined;

  constructor(options: DuckDbOfflineFilesOptions) {
    this.#options = options;
    this.#rows = new SharedDuckDb({ memoryLimit: ROWS_MEMORY_LIMIT, threadCount: ROWS_THREADS });
  }

  async readRows(
    group: FeatureGroup,
    key: string,
    fromRow: number,
    rowCount: number,
    checksum?: string,
  ): Promise<readonly StagedRecord[]> {
    const path = await this.#options.objects.locate(key);
    return this.#rows.use(`reading "${key}"`, async (session) => {
      const withPseudonyms = checksum !== undefined;
      const stored = await this.#columnsAt(session, path);
      const rows = await readOfflineRows(session, group, { path, stored, fromRow, rowCount, withPseudonyms });
      if (checksum !== undefined && rows.checksum !== checksum)
        throw new DataRejectedError(`the rows of "${key}" are not those that were staged`);
      return rows.records;
    });
  }

  async close(): Promise<void> {
    await this.#rows.close();
  }

  async #columnsAt(session: Pick<DuckDbSession, "rows">, path: string): Promise<ReadonlySet<string>> {
    if (this.#last?.path === path) return this.#last.columns;
    const columns = await columnsOf(session, `read_parquet(${quoteText(path)})`);
    this.#last = { path, columns };
    return columns;
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
