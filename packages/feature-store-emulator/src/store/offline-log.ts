// Decides: how a row bound for the offline store waits on disk, and which rows a flush under way has noted.
// Leaves to others: turning the rows into files (offline/).
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { FeatureValues } from "./records-table.ts";

export interface OfflineRow {
  readonly values: FeatureValues;
  readonly apiInvocationMs: number;
  readonly isDeleted: boolean;
}

export interface LoggedRow extends OfflineRow {
  /** Rises from row to row, over all groups. */
  readonly id: number;
}

/** What a flush has begun with: the rows up to an id, and the one write time of all of them. */
export interface FlushCut {
  readonly lastId: number;
  readonly writeTimeMs: number;
}

/** Rows in the order in which they were accepted. A duplicate is a row of its own, as on AWS. */
export class OfflineLog {
  readonly #sql: DatabaseSync;
  readonly #append: StatementSync;
  readonly #list: StatementSync;
  readonly #slice: StatementSync;
  readonly #remove: StatementSync;
  /** Called after each row; whoever flushes sets it. */
  onAppend: () => void = () => {};

  constructor(sql: DatabaseSync) {
    this.#sql = sql;
    this.#append = sql.prepare(
      "INSERT INTO offline_log (group_id, api_invocation_ms, is_deleted, feature_values) VALUES (?, ?, ?, ?)",
    );
    const columns = "id, api_invocation_ms, is_deleted, feature_values";
    this.#list = sql.prepare(`SELECT ${columns} FROM offline_log WHERE group_id = ? ORDER BY id`);
    this.#slice = sql.prepare(
      `SELECT ${columns} FROM offline_log WHERE group_id = ? AND id <= ? ORDER BY id LIMIT ?`,
    );
    this.#remove = sql.prepare("DELETE FROM offline_log WHERE group_id = ? AND id <= ?");
  }

  append(groupId: number, row: OfflineRow): void {
    this.#append.run(groupId, row.apiInvocationMs, row.isDeleted ? 1 : 0, JSON.stringify(row.values));
    this.onAppend();
  }

  /** The rows of one group, oldest first, read as they are asked for. */
  *rows(groupId: number): Generator<OfflineRow> {
    for (const row of this.#list.iterate(groupId)) {
      const { id: _, ...offline } = toLoggedRow(row);
      yield offline;
    }
  }

  /** Up to `limit` rows of a group, oldest first, none after `lastId`. */
  slice(groupId: number, lastId: number, limit: number): readonly LoggedRow[] {
    return this.#slice.all(groupId, lastId, limit).map(toLoggedRow);
  }

  remove(groupId: number, lastId: number): void {
    this.#remove.run(groupId, lastId);
  }

  /** How many rows wait. */
  count(): number {
    return Number(this.#sql.prepare("SELECT count(*) AS waiting FROM offline_log").get()?.waiting);
  }

  /** When the oldest row was accepted, on the emulator's clock; undefined: none waits. */
  oldestMs(): number | undefined {
    const first = this.#sql.prepare("SELECT api_invocation_ms AS at FROM offline_log ORDER BY id LIMIT 1");
    return toOptional(first.get()?.at);
  }

  /** The youngest row; undefined: none waits. */
  lastId(): number | undefined {
    return toOptional(this.#sql.prepare("SELECT max(id) AS last FROM offline_log").get()?.last);
  }

  listGroupIds(lastId: number): readonly number[] {
    const rows = this.#sql.prepare("SELECT DISTINCT group_id FROM offline_log WHERE id <= ? ORDER BY 1");
    return rows.all(lastId).map((row) => Number(row.group_id));
  }

  /** The flush under way, else a new one of all rows; undefined: no row waits. Needs a transaction around it. */
  beginFlush(nowMs: number): FlushCut | undefined {
    const kept = this.#sql.prepare("SELECT value FROM settings WHERE name = 'offline-flush'").get();
    if (kept !== undefined) return JSON.parse(String(kept.value));
    const lastId = this.lastId();
    if (lastId === undefined) return undefined;
    const cut: FlushCut = { lastId, writeTimeMs: nowMs };
    this.#sql.prepare("INSERT INTO settings VALUES ('offline-flush', ?)").run(JSON.stringify(cut));
    return cut;
  }

  /** Needs a transaction around it. */
  endFlush(): void {
    this.#sql.prepare("DELETE FROM settings WHERE name = 'offline-flush'").run();
  }
}

type Row = ReturnType<StatementSync["all"]>[number];

function toLoggedRow(row: Row): LoggedRow {
  return {
    id: Number(row.id),
    values: JSON.parse(String(row.feature_values)),
    apiInvocationMs: Number(row.api_invocation_ms),
    isDeleted: row.is_deleted === 1,
  };
}

function toOptional(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}
