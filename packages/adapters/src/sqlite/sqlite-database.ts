// Decides how every SQLite file of the local platform is opened and written: WAL, one writer at a time, shared by processes.
// Leaves the tables and what they mean to the adapters.

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { InvalidInputError, UnavailableError } from "@steward/core";

export type Row = ReturnType<StatementSync["all"]>[number];

/** How long a writer waits for another process before it gives up. */
const BUSY_TIMEOUT_MS = 5_000;
const BUSY_PAUSE_MS = 5;

/** https://www.sqlite.org/rescode.html, read 2026-11-24; the low byte of an extended code is its family. */
const SQLITE_BUSY = 5;

/** The form of the tables, in `user_version`: a file of a later Steward is refused rather than misread. */
const TABLES_VERSION = 1;

/**
 * One connection to one file. What `write` returned from outlives a SIGKILL of the process: the log of WAL mode is in
 * the operating system's hands by then (`synchronous=NORMAL`; a power cut may take the last moments, whole transactions).
 */
export class SqliteDatabase {
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;

  /** `tables` is SQL that may run any number of times. @throws InvalidInputError when the file is of a later version. */
  constructor(file: string, tables: string) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    this.#file = file;
    this.#database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    try {
      enterWalMode(this.#database);
      // Rows may hold personal data (the stream): what is deleted is overwritten with zeros, not merely unlinked.
      this.#database.exec("PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON");
      this.#begin = this.#database.prepare("BEGIN IMMEDIATE");
      this.#commit = this.#database.prepare("COMMIT");
      this.write(() => this.#ensureTables(tables));
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** A statement to keep for the life of the connection. */
  prepare(sql: string): StatementSync {
    return this.#database.prepare(sql);
  }

  /** Runs `work` alone among all writers of the file; all of it is kept, or nothing when it throws. Not reentrant.
   * @throws UnavailableError when another process held the file for 5 s. */
  write<T>(work: () => T): T {
    return this.read(() => {
      this.#begin.run();
      try {
        const result = work();
        this.#commit.run();
        return result;
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
        throw error;
      }
    });
  }

  /** Runs statements that only read. @throws UnavailableError as `write` does. */
  read<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error)) throw error;
      throw new UnavailableError(`${this.#file} was locked by another process for ${BUSY_TIMEOUT_MS} ms`, {
        cause: error,
      });
    }
  }

  /**
   * Rids the file and its log of all that was deleted or overwritten: rebuilds the one, for pages that were split keep
   * copies, and cuts the other. Takes as long as the file is large, about 0.1 s for 7 MB. False while another process
   * reads or writes: ask again.
   */
  scrub(): boolean {
    this.#database.exec("PRAGMA busy_timeout = 0");
    try {
      this.#database.exec("VACUUM");
      return Number(this.#database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy) === 0;
    } catch (error) {
      if (isBusy(error)) return false;
      throw error;
    } finally {
      this.#database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    }
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #ensureTables(tables: string): void {
    const version = Number(this.#database.prepare("PRAGMA user_version").get()?.user_version);
    if (version > TABLES_VERSION) {
      throw new InvalidInputError(
        `${this.#file} was written by a later version of Steward (tables ${version}, this one knows ${TABLES_VERSION})`,
      );
    }
    this.#database.exec(tables);
    if (version < TABLES_VERSION) this.#database.exec(`PRAGMA user_version = ${TABLES_VERSION}`);
  }
}

/** The change to WAL mode does not wait as other statements do: when two processes open a new file at once, one is refused. */
function enterWalMode(database: DatabaseSync): void {
  const deadlineMs = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadlineMs) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_PAUSE_MS);
    }
  }
}

function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || !("errcode" in error)) return false;
  return typeof error.errcode === "number" && (error.errcode & 0xff) === SQLITE_BUSY;
}
