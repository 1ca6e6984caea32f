// Decides which servers belong to a state folder and who uses them: one process starts them, others adopt them, the
// last to leave stops them. Kept in SQLite, so that two commands at once cannot both start one.

import { DatabaseSync } from "node:sqlite";
import { currentProcess, isAlive, type ProcessIdentity } from "@steward/adapters";
import { UnavailableError } from "@steward/core";

export type ServiceName = "redis" | "feature-store" | "api";

export interface ServiceRow {
  readonly name: ServiceName;
  readonly url: string;
  readonly process: ProcessIdentity;
}

/** Longer than a server takes to start, because whoever starts one holds the lock meanwhile. */
const LOCK_WAIT_MS = 30_000;

export class ServiceRegistry {
  readonly #database: DatabaseSync;

  constructor(file: string) {
    this.#database = new DatabaseSync(file, { timeout: LOCK_WAIT_MS });
    this.#database.exec(
      "CREATE TABLE IF NOT EXISTS services (name TEXT PRIMARY KEY, url TEXT NOT NULL, pid INTEGER NOT NULL, started_at TEXT NOT NULL);" +
        "CREATE TABLE IF NOT EXISTS users (pid INTEGER, started_at TEXT, PRIMARY KEY (pid, started_at))",
    );
  }

  /** Runs `work` while no other process of this folder does. */
  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    try {
      this.#database.exec("BEGIN IMMEDIATE");
    } catch (error) {
      throw new UnavailableError(
        "another command is starting or stopping the servers of this state folder and does not finish",
        { cause: error },
      );
    }
    try {
      const result = await work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  /** The server as it was noted, if its process still lives. */
  findService(name: ServiceName): ServiceRow | undefined {
    const row = this.#noted(name);
    return row !== undefined && isAlive(row.process) ? row : undefined;
  }

  /** The URL that the server had last, living or not: to start it again where its users look for it. */
  lastUrl(name: ServiceName): string | undefined {
    return this.#noted(name)?.url;
  }

  noteService(service: ServiceRow): void {
    this.#database
      .prepare("INSERT OR REPLACE INTO services (name, url, pid, started_at) VALUES (?, ?, ?, ?)")
      .run(service.name, service.url, service.process.pid, service.process.startedAt);
  }

  forgetService(name: ServiceName): void {
    this.#database.prepare("DELETE FROM services WHERE name = ?").run(name);
  }

  join(): void {
    const { pid, startedAt } = currentProcess();
    this.#database.prepare("INSERT OR IGNORE INTO users (pid, started_at) VALUES (?, ?)").run(pid, startedAt);
  }

  leave(): void {
    const { pid, startedAt } = currentProcess();
    this.#database.prepare("DELETE FROM users WHERE pid = ? AND started_at = ?").run(pid, startedAt);
  }

  /** Pids of the living processes that use the servers; those that died are forgotten. */
  listUsers(): readonly number[] {
    const rows = this.#database.prepare("SELECT pid, started_at FROM users").all();
    return rows.flatMap((row) => {
      const user = { pid: Number(row.pid), startedAt: String(row.started_at) };
      if (isAlive(user)) return [user.pid];
      this.#database
        .prepare("DELETE FROM users WHERE pid = ? AND started_at = ?")
        .run(user.pid, user.startedAt);
      return [];
    });
  }

  close(): void {
    this.#database.close();
  }

  #noted(name: ServiceName): ServiceRow | undefined {
    const row = this.#database.prepare("SELECT url, pid, started_at FROM services WHERE name = ?").get(name);
    if (row === undefined) return undefined;
    return {
      name,
      url: String(row.url),
      process: { pid: Number(row.pid), startedAt: String(row.started_at) },
    };
  }
}
