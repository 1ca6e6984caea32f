// Decides what the folder store knows of its versions: one row each in SQLite, the newest of a key is the current one.
// Leaves the bytes, and the order in which bytes and rows come and go, to folder-object-store.ts.

import type { StatementSync } from "node:sqlite";
import { type ObjectVersion, type StoredObject, toEpochMs } from "@steward/core";
import { type Row, SqliteDatabase } from "../sqlite/sqlite-database.ts";
import type { VersionName } from "./object-key.ts";

export interface IndexedVersion extends Omit<ObjectVersion, "isLatest"> {
  /** Empty for a delete marker. */
  readonly etag: string;
}

const TABLES = `
  CREATE TABLE IF NOT EXISTS versions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    version_id TEXT NOT NULL,
    is_marker INTEGER NOT NULL,
    etag TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    modified_at_ms INTEGER NOT NULL,
    is_removing INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX IF NOT EXISTS versions_by_key ON versions (key, seq);
  CREATE UNIQUE INDEX IF NOT EXISTS versions_by_id ON versions (version_id)`;

export class ObjectIndex {
  readonly #database: SqliteDatabase;
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(file: string) {
    this.#database = new SqliteDatabase(file, TABLES);
    this.#statements = prepareStatements(this.#database);
  }

  /** All or nothing, alone among the writers of all processes: the file moves inside `work` happen under this lock too. */
  write<T>(work: () => T): T {
    return this.#database.write(work);
  }

  /** The newest version of the key that is not being removed; undefined also when that is a delete marker. */
  findCurrent(key: string): StoredObject | undefined {
    const row = this.#database.read(() => this.#statements.current.get(key));
    return row === undefined || Number(row.is_marker) === 1 ? undefined : toStoredObject(row);
  }

  findVersion(name: VersionName): StoredObject | undefined {
    const row = this.#database.read(() => this.#statements.version.get(name.versionId, name.key));
    return row === undefined || Number(row.is_marker) === 1 ? undefined : toStoredObject(row);
  }

  /** Whether a row stands for it, one that is being removed included. */
  has({ key, versionId }: VersionName): boolean {
    return this.#database.read(() => this.#statements.any.get(versionId, key)) !== undefined;
  }

  listCurrent(prefix: string): readonly StoredObject[] {
    return this.#fromPrefix(this.#statements.allCurrent, prefix).map(toStoredObject);
  }

  listVersions(prefix: string): readonly ObjectVersion[] {
    let latestKey: string | undefined;
    return this.#fromPrefix(this.#statements.allVersions, prefix).map((row) => {
      const key = String(row.key);
      const isLatest = key !== latestKey && Number(row.is_removing) === 0;
      if (isLatest) latestKey = key;
      return {
        key,
        versionId: String(row.version_id),
        isLatest,
        isDeleteMarker: Number(row.is_marker) === 1,
        sizeBytes: Number(row.size_bytes),
        modifiedAtMs: toEpochMs(Number(row.modified_at_ms)),
      };
    });
  }

  /** Inside `write`. */
  insert(version: IndexedVersion): void {
    this.#statements.insert.run(
      version.key,
      version.versionId,
      version.isDeleteMarker ? 1 : 0,
      version.etag,
      version.sizeBytes,
      version.modifiedAtMs,
    );
  }

  /** Inside `write`. Reads no longer find the versions; `listVersions` still names them until they are dropped. */
  markRemoving(names: readonly VersionName[]): void {
    for (const { key, versionId } of names) this.#statements.markRemoving.run(versionId, key);
  }

  /** Inside `write`. */
  drop(names: readonly VersionName[]): void {
    for (const { key, versionId } of names) this.#statements.drop.run(versionId, key);
  }

  /** The versions whose removal has begun and not ended. */
  listRemoving(): readonly VersionName[] {
    const rows = this.#database.read(() => this.#statements.removing.all());
    return rows.map((row) => ({ key: String(row.key), versionId: String(row.version_id) }));
  }

  close(): void {
    this.#database.close();
  }

  #fromPrefix(statement: StatementSync, prefix: string): readonly Row[] {
    return this.#database.read(() => {
      const rows: Row[] = [];
      for (const row of statement.iterate(prefix)) {
        if (!String(row.key).startsWith(prefix)) break;
        rows.push(row);
      }
      return rows;
    });
  }
}

function prepareStatements(
  database: SqliteDatabase,
): Record<
  | "current"
  | "version"
  | "any"
  | "allCurrent"
  | "allVersions"
  | "insert"
  | "markRemoving"
  | "drop"
  | "removing",
  StatementSync
> {
  return {
    current: database.prepare(
      "SELECT * FROM versions WHERE key = ? AND is_removing = 0 ORDER BY seq DESC LIMIT 1",
    ),
    version: database.prepare("SELECT * FROM versions WHERE version_id = ? AND key = ? AND is_removing = 0"),
    any: database.prepare("SELECT 1 FROM versions WHERE version_id = ? AND key = ?"),
    allCurrent: database.prepare(
      `SELECT * FROM versions v WHERE key >= ? AND is_marker = 0 AND seq =
         (SELECT max(seq) FROM versions w WHERE w.key = v.key AND w.is_removing = 0) ORDER BY key`,
    ),
    allVersions: database.prepare("SELECT * FROM versions WHERE key >= ? ORDER BY key, seq DESC"),
    insert: database.prepare(
      `INSERT INTO versions (key, version_id, is_marker, etag, size_bytes, modified_at_ms)
         VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    markRemoving: database.prepare("UPDATE versions SET is_removing = 1 WHERE version_id = ? AND key = ?"),
    drop: database.prepare("DELETE FROM versions WHERE version_id = ? AND key = ?"),
    removing: database.prepare("SELECT key, version_id FROM versions WHERE is_removing = 1"),
  };
}

function toStoredObject(row: Row): StoredObject {
  return {
    key: String(row.key),
    versionId: String(row.version_id),
    etag: String(row.etag),
    sizeBytes: Number(row.size_bytes),
  };
}
