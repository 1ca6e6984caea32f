// Decides how DuckDB is run: one bounded in-memory database a job, spilling into the scratch folder, gone afterwards.
// Its own error texts quote rows, so none of them leaves this file.

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBResult,
} from "@duckdb/node-api";
import { DataRejectedError, UnavailableError } from "@steward/core";

export interface DuckDbOptions {
  /** A folder on the file system of the object store: files are staged here and moved in. */
  readonly scratch: string;
  /** Beyond this, DuckDB spills into `scratch`. */
  readonly memoryLimit?: string;
  readonly threadCount?: number;
}

export type SqlRow = Readonly<Record<string, unknown>>;

/** The memory that the sorts and tables of one job may hold: two jobs at once fit a laptop of 8 GB. */
export const DEFAULT_MEMORY_LIMIT = "2GB";

export class DuckDbSession {
  readonly connection: DuckDBConnection;
  /** A folder of this session's own, removed with it. */
  readonly folder: string;
  /** Of statements that fail: what the session was doing, in words of ours. */
  readonly #task: string;

  constructor(connection: DuckDBConnection, folder: string, task: string) {
    this.connection = connection;
    this.folder = folder;
    this.#task = task;
  }

  async run(sql: string): Promise<DuckDBResult> {
    try {
      return await this.connection.run(sql);
    } catch (error) {
      throw withoutRows(error, this.#task);
    }
  }

  /** False when DuckDB's reader of CSV finds text that it cannot take apart. */
  async tryRead(sql: string): Promise<boolean> {
    try {
      await this.connection.run(sql);
      return true;
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("Invalid Input Error")) return false;
      throw withoutRows(error, this.#task);
    }
  }

  async rows(sql: string): Promise<readonly SqlRow[]> {
    try {
      return await (await this.connection.run(sql)).getRowObjectsJS();
    } catch (error) {
      throw withoutRows(error, this.#task);
    }
  }

  /** The row of a query that always gives one, as DuckDB holds it. */
  async chunk(sql: string): Promise<DuckDBDataChunk> {
    try {
      const chunk = await (await this.connection.run(sql)).fetchChunk();
      if (chunk === null) throw new RangeError("the query gave no row");
      return chunk;
    } catch (error) {
      throw withoutRows(error, this.#task);
    }
  }

  /** The first row of a query that always gives one. */
  async row(sql: string): Promise<SqlRow> {
    return (await this.rows(sql))[0] ?? {};
  }

  /** Row objects in batches of DuckDB's own size, read as they are produced. */
  async *batches(sql: string): AsyncGenerator<readonly SqlRow[]> {
    try {
      const result = await this.connection.stream(sql);
      for await (const rows of result.yieldRowObjectJs()) yield rows;
    } catch (error) {
      throw withoutRows(error, this.#task);
    }
  }
}

/** Runs `work` on a database of its own; files that it leaves in the session's folder are removed. */
export async function withDuckDb<T>(
  options: DuckDbOptions,
  task: string,
  work: (session: DuckDbSession) => Promise<T>,
): Promise<T> {
  const { instance, session } = await open(options, task);
  try {
    return await work(session);
  } finally {
    session.connection.closeSync();
    instance.closeSync();
    await rm(session.folder, { recursive: true, force: true });
  }
}

/** One database for many short readings: opening one takes longer than reading some thousand rows. It spills nothing. */
export class SharedDuckDb {
  readonly #options: Pick<DuckDbOptions, "memoryLimit" | "threadCount">;
  #instance: Promise<DuckDBInstance> | undefined;
  /** Connections that nobody uses now: making one takes longer than reading some hundred rows. */
  readonly #idle: DuckDBConnection[] = [];

  constructor(options: Pick<DuckDbOptions, "memoryLimit" | "threadCount">) {
    this.#options = options;
  }

  /** Runs `work` on a connection that is its own meanwhile. */
  async use<T>(task: string, work: (session: Omit<DuckDbSession, "folder">) => Promise<T>): Promise<T> {
    this.#instance ??= createInstance(this.#options, "");
    const instance = this.#instance;
    const connection = this.#idle.pop() ?? (await (await instance).connect());
    try {
      return await work(new DuckDbSession(connection, "", task));
    } finally {
      if (this.#instance === instance) this.#idle.push(connection);
      else connection.closeSync();
    }
  }

  /** Gives the memory back; the next use opens it again. */
  async close(): Promise<void> {
    const instance = this.#instance;
    this.#instance = undefined;
    for (const connection of this.#idle.splice(0)) connection.closeSync();
    (await instance)?.closeSync();
  }
}

/** As `withDuckDb`, for a reader that hands out rows while it runs. */
export async function* streamDuckDb<T>(
  options: DuckDbOptions,
  task: string,
  work: (session: DuckDbSession) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const { instance, session } = await open(options, task);
  try {
    yield* work(session);
  } finally {
    session.connection.closeSync();
    instance.closeSync();
    await rm(session.folder, { recursive: true, force: true });
  }
}

export function asNumber(value: unknown): number {
  return typeof value === "bigint" ? Number(value) : typeof value === "number" ? value : 0;
}

/** `undefined` for SQL's NULL. */
export function asOptionalNumber(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : asNumber(value);
}

async function open(options: DuckDbOptions, task: string) {
  await mkdir(options.scratch, { recursive: true });
  const folder = await mkdtemp(join(options.scratch, "duckdb-"));
  const instance = await createInstance(options, join(folder, "spill"));
  return { instance, session: new DuckDbSession(await instance.connect(), folder, task) };
}

/** `spill`: the folder that it spills into; empty: none. */
function createInstance(
  { memoryLimit, threadCount }: Pick<DuckDbOptions, "memoryLimit" | "threadCount">,
  spill: string,
): Promise<DuckDBInstance> {
  return DuckDBInstance.create(":memory:", {
    memory_limit: memoryLimit ?? DEFAULT_MEMORY_LIMIT,
    temp_directory: spill,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    ...(threadCount === undefined ? {} : { threads: String(threadCount) }),
  });
}

/** Our own error for DuckDB's: its message, and so its cause, may hold a cell. Errors that are not DuckDB's pass. */
function withoutRows(error: unknown, task: string): unknown {
  const kind =
    error instanceof Error ? /^([A-Z][A-Za-z -]{1,40}?)(?: Error)?: /.exec(error.message)?.[1] : undefined;
  if (kind === undefined)
    return error instanceof Error && "retryable" in error ? error : new Error(`${task}: DuckDB failed`);
  if (kind === "Conversion" || kind === "Out of Range") {
    return new DataRejectedError(`${task}: a value does not fit the type it is computed in`);
  }
  if (kind === "Out of Memory" || kind === "IO")
    return new UnavailableError(`${task}: DuckDB ran into "${kind} Error"`);
  return new Error(`${task}: DuckDB ran into "${kind} Error"`);
}
