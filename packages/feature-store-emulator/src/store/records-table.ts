// Decides: which write of a record stays, and which records can be read, in the online store.
// Leaves to others: whether a write is valid (rules/), and the offline store (offline-log.ts).
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { EventTime } from "../rules/event-time.ts";

/** One value a feature, in the order of the group's definition; null where the record has none. */
export type FeatureValues = readonly (string | readonly string[] | null)[];

export interface OnlineRecord {
  readonly recordId: string;
  readonly eventTime: EventTime;
  readonly expiresAtMs: number | null;
  readonly values: FeatureValues;
}

export interface ReadableRecord {
  readonly expiresAtMs: number | null;
  readonly values: FeatureValues;
}

export interface ExpiredRecord {
  readonly groupId: number;
  readonly recordId: string;
  readonly values: FeatureValues;
}

/** Whether a write with the stored event time is dropped, or takes its place. AWS's text says "greater": keep. */
export type EqualEventTime = "keep" | "replace";

export interface PageRequest {
  /** Exclusive; "" for the first page. */
  readonly afterRecordId: string;
  readonly limit: number;
  readonly includeSoftDeleted: boolean;
  readonly nowMs: number;
}

/** The online store on SQLite. Holds no record in memory; every statement is prepared once. */
export class RecordsTable {
  readonly #put: StatementSync;
  readonly #putMany: StatementSync;
  readonly #replace: StatementSync;
  readonly #hardDelete: StatementSync;
  readonly #find: StatementSync;
  readonly #findTime: StatementSync;
  readonly #list: StatementSync;
  readonly #purge: StatementSync;
  readonly #expired: StatementSync;

  constructor(sql: DatabaseSync, equalEventTime: EqualEventTime) {
    const newer = equalEventTime === "replace" ? ">=" : ">";
    this.#put = sql.prepare(toPut(1, newer));
    this.#putMany = sql.prepare(toPut(MANY, newer));
    this.#replace = sql.prepare(toUpsert(1));
    this.#hardDelete = sql.prepare("DELETE FROM records WHERE group_id = ? AND record_id = ?");
    this.#find = sql.prepare(FIND);
    this.#findTime = sql.prepare(
      "SELECT event_seconds, event_nanos FROM records WHERE group_id = ? AND record_id = ?",
    );
    this.#list = sql.prepare(LIST);
    this.#purge = sql.prepare(PURGE);
    this.#expired = sql.prepare(EXPIRED);
  }

  /** Writes the record unless the stored one, tombstones included, is newer. Returns whether it was written. */
  put(groupId: number, record: OnlineRecord): boolean {
    return this.#put.run(...toCells(groupId, record)).changes === 1;
  }

  /** The same for some records in order; a statement for many of them costs an eighth less. */
  putAll(groupId: number, records: readonly OnlineRecord[]): void {
    let next = 0;
    for (; records.length - next >= MANY; next += MANY)
      this.#putMany.run(...records.slice(next, next + MANY).flatMap((record) => toCells(groupId, record)));
    for (const record of records.slice(next)) this.put(groupId, record);
  }

  /** Writes the record, whatever the stored one's event time. */
  replace(groupId: number, record: OnlineRecord): void {
    this.#replace.run(...toCells(groupId, record));
  }

  /** Writes a tombstone: only the identifier and the event time stay. Does not compare times. */
  putTombstone(groupId: number, record: Omit<OnlineRecord, "expiresAtMs">): void {
    const { seconds, nanos } = record.eventTime;
    this.#replace.run(groupId, record.recordId, seconds, nanos, null, 1, JSON.stringify(record.values));
  }

  remove(groupId: number, recordId: string): void {
    this.#hardDelete.run(groupId, recordId);
  }

  /** The record, unless it is absent, soft-deleted or expired at `nowMs`. */
  find(groupId: number, recordId: string, nowMs: number): ReadableRecord | undefined {
    const row = this.#find.get(groupId, recordId, nowMs);
    if (row === undefined) return undefined;
    return { expiresAtMs: toNumberOrNull(row.expires_at_ms), values: JSON.parse(String(row.feature_values)) };
  }

  /** The event time that the next write has to beat: of a record, of a tombstone, or of what has expired. */
  findEventTime(groupId: number, recordId: string): EventTime | undefined {
    const row = this.#findTime.get(groupId, recordId);
    if (row === undefined) return undefined;
    return { seconds: Number(row.event_seconds), nanos: Number(row.event_nanos) };
  }

  /** Identifiers after the given one, in their own order, at most `limit`. */
  listRecordIds(groupId: number, page: PageRequest): string[] {
    const withDeleted = page.includeSoftDeleted ? 1 : 0;
    const rows = this.#list.all(groupId, page.afterRecordId, withDeleted, page.nowMs, page.limit);
    return rows.map((row) => String(row.record_id));
  }

  /** Records of all groups that expired at `untilMs` or before, the first to expire first. */
  listExpired(untilMs: number, limit: number): readonly ExpiredRecord[] {
    return this.#expired.all(untilMs, limit).map((row) => ({
      groupId: Number(row.group_id),
      recordId: String(row.record_id),
      values: JSON.parse(String(row.feature_values)),
    }));
  }

  /** Removes at most `limit` records of a group, whatever their state. Returns how many there were. */
  purge(groupId: number, limit: number): number {
    return Number(this.#purge.run(groupId, limit).changes);
  }
}

const COLUMNS =
  "(group_id, record_id, event_seconds, event_nanos, expires_at_ms, is_deleted, feature_values)";
/** As many as a BatchWriteRecord has. */
const MANY = 25;

function toUpsert(rows: number): string {
  const places = Array.from({ length: rows }, () => "(?, ?, ?, ?, ?, ?, ?)").join(", ");
  return `
  INSERT INTO records ${COLUMNS} VALUES ${places}
  ON CONFLICT (group_id, record_id) DO UPDATE SET
    event_seconds = excluded.event_seconds, event_nanos = excluded.event_nanos, expires_at_ms = excluded.expires_at_ms,
    is_deleted = excluded.is_deleted, feature_values = excluded.feature_values`;
}

function toPut(rows: number, newer: string): string {
  return `${toUpsert(rows)}
  WHERE (excluded.event_seconds, excluded.event_nanos) ${newer} (records.event_seconds, records.event_nanos)`;
}

function toCells(groupId: number, record: OnlineRecord): SQLInputValue[] {
  const { recordId, eventTime, expiresAtMs, values } = record;
  return [groupId, recordId, eventTime.seconds, eventTime.nanos, expiresAtMs, 0, JSON.stringify(values)];
}

const FIND = `
  SELECT expires_at_ms, feature_values FROM records
  WHERE group_id = ? AND record_id = ? AND is_deleted = 0 AND (expires_at_ms IS NULL OR expires_at_ms > ?)`;
const LIST = `
  SELECT record_id FROM records
  WHERE group_id = ? AND record_id > ? AND is_deleted <= ? AND (expires_at_ms IS NULL OR expires_at_ms > ?)
  ORDER BY record_id LIMIT ?`;
const EXPIRED = `
  SELECT group_id, record_id, feature_values FROM records
  WHERE expires_at_ms IS NOT NULL AND expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?`;
const PURGE = "DELETE FROM records WHERE rowid IN (SELECT rowid FROM records WHERE group_id = ? LIMIT ?)";

function toNumberOrNull(value: unknown): number | null {
  return value === null ? null : Number(value);
}
