// Decides how a stream lies in a SQLite file: one log a shard, positions that never come twice, records dropped with age.
// Leaves to the readers where they stand.

import { createHash } from "node:crypto";
import type { StatementSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Clock,
  InvalidInputError,
  MIN_EPOCH_MS,
  NotFoundError,
  type Stream,
  type StreamPage,
  type StreamRecord,
  type StreamStart,
  toEpochMs,
  UnavailableError,
} from "@steward/core";
import { type Row, SqliteDatabase } from "../sqlite/sqlite-database.ts";
import { checkWholeNumber } from "../whole-number.ts";

export interface SqliteStreamOptions {
  /** Several streams may share a file. */
  readonly file: string;
  readonly name: string;
  /** Fixed when the stream is first opened: a key must stay in its shard. */
  readonly shardCount: number;
  /** A record that arrived longer ago than this is never read again. */
  readonly retentionMs: number;
  /** The platform's time: what a record's arrival and age are measured by. */
  readonly clock: Clock;
}

interface Head {
  readonly position: number;
  readonly arrivedAtMs: number;
}

interface NewRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** Kinesis' own bounds: https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html, read 2026-11-24. */
const MAX_PARTITION_KEY_LENGTH = 256;
const MAX_RECORD_BYTES = 1_024 * 1_024;
const MAX_READ_COUNT = 10_000;

const SCRUBS = 50;
const SCRUB_AGAIN_MS = 100;
const POSITION_DIGITS = 20;
const SHARD_DIGITS = 12;

const TABLES = `
  CREATE TABLE IF NOT EXISTS shards (
    stream TEXT NOT NULL,
    shard INTEGER NOT NULL,
    position INTEGER NOT NULL,
    arrived_at_ms INTEGER NOT NULL,
    PRIMARY KEY (stream, shard)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS records (
    stream TEXT NOT NULL,
    shard INTEGER NOT NULL,
    position INTEGER NOT NULL,
    arrived_at_ms INTEGER NOT NULL,
    partition_key TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (stream, shard, position)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS records_by_arrival ON records (stream, shard, arrived_at_ms)`;

export class SqliteStream implements Stream {
  readonly #options: SqliteStreamOptions;
  readonly #database: SqliteDatabase;
  readonly #statements: ReturnType<typeof prepareStatements>;

  /** @throws InvalidInputError when the stream stands with another number of shards. */
  constructor(options: SqliteStreamOptions) {
    checkWholeNumber("shardCount", options.shardCount, 1, 1_000);
    checkWholeNumber("retentionMs", options.retentionMs, 1, Number.MAX_SAFE_INTEGER);
    this.#options = options;
    this.#database = new SqliteDatabase(options.file, TABLES);
    this.#statements = prepareStatements(this.#database);
    this.#database.write(() => this.#ensureShards());
  }

  async listShards(): Promise<readonly string[]> {
    return Array.from({ length: this.#options.shardCount }, (_, shard) => toShardId(shard));
  }

  async append(records: readonly NewRecord[]): Promise<void> {
    for (const record of records) checkRecord(record);
    const { name, clock, shardCount } = this.#options;
    const nowMs = clock.now();
    this.#database.write(() => {
      const heads = new Map<number, Head>();
      for (const record of records) {
        const shard = shardOf(record.partitionKey, shardCount);
        const head = next(heads.get(shard) ?? this.#head(shard), nowMs);
        heads.set(shard, head);
        const { partitionKey, data } = record;
        this.#statements.insert.run(name, shard, head.position, head.arrivedAtMs, partitionKey, data);
      }
      for (const [shard, head] of heads) {
        this.#statements.setHead.run(head.position, head.arrivedAtMs, name, shard);
        this.#statements.purge.run(name, shard, this.#oldestMs());
      }
    });
  }

  async read(shardId: string, start: StreamStart, max: number): Promise<StreamPage> {
    checkWholeNumber("max", max, 1, MAX_READ_COUNT);
    const shard = toShard(shardId, this.#options.shardCount);
    const oldestMs = this.#oldestMs();
    this.#purge(shard, oldestMs);
    const after = typeof start === "object" && "after" in start ? toPosition(start.after) : 0;
    const fromMs = typeof start === "object" && "arrivedAtMs" in start ? start.arrivedAtMs : oldestMs;
    const rows = this.#database.read(() =>
      this.#statements.read.all(this.#options.name, shard, after, Math.max(fromMs, oldestMs), max + 1),
    );
    return { records: rows.slice(0, max).map(toRecord), atTip: rows.length <= max };
  }

  async purgeExpired(): Promise<void> {
    for (let shard = 0; shard < this.#options.shardCount; shard += 1) this.#purge(shard, this.#oldestMs());
    for (let tries = 0; !this.#database.scrub(); tries += 1) {
      if (tries === SCRUBS)
        throw new UnavailableError(`the stream ${this.#options.name} is read without a pause: try again`);
      await sleep(SCRUB_AGAIN_MS);
    }
  }

  close(): void {
    this.#database.close();
  }

  /** The oldest arrival that is still retained: a record of exactly that age is. */
  #oldestMs(): number {
    return this.#options.clock.now() - this.#options.retentionMs;
  }

  /** Reading purges too, so that old records also go from a stream that nobody writes to. */
  #purge(shard: number, oldestMs: number): void {
    const { name } = this.#options;
    const first = this.#database.read(() => this.#statements.oldest.get(name, shard));
    if (first === undefined || Number(first.arrived_at_ms) >= oldestMs) return;
    this.#database.write(() => this.#statements.purge.run(name, shard, oldestMs));
  }

  #head(shard: number): Head {
    const row = this.#statements.head.get(this.#options.name, shard);
    return { position: Number(row?.position), arrivedAtMs: Number(row?.arrived_at_ms) };
  }

  #ensureShards(): void {
    const { name, shardCount } = this.#options;
    const standing = Number(this.#statements.countShards.get(name)?.shard_count);
    if (standing !== 0 && standing !== shardCount) {
      throw new InvalidInputError(
        `stream ${name} has ${standing} shards: it cannot be opened with ${shardCount}`,
      );
    }
    for (let shard = standing; shard < shardCount; shard += 1) {
      this.#statements.addShard.run(name, shard, MIN_EPOCH_MS);
    }
  }
}

function prepareStatements(
  database: SqliteDatabase,
): Record<
  "countShards" | "addShard" | "head" | "setHead" | "insert" | "purge" | "oldest" | "read",
  StatementSync
> {
  return {
    countShards: database.prepare("SELECT count(*) AS shard_count FROM shards WHERE stream = ?"),
    addShard: database.prepare("INSERT INTO shards VALUES (?, ?, 0, ?)"),
    head: database.prepare("SELECT position, arrived_at_ms FROM shards WHERE stream = ? AND shard = ?"),
    setHead: database.prepare(
      "UPDATE shards SET position = ?, arrived_at_ms = ? WHERE stream = ? AND shard = ?",
    ),
    insert: database.prepare("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)"),
    purge: database.prepare("DELETE FROM records WHERE stream = ? AND shard = ? AND arrived_at_ms < ?"),
    oldest: database.prepare(
      "SELECT arrived_at_ms FROM records WHERE stream = ? AND shard = ? ORDER BY position LIMIT 1",
    ),
    read: database.prepare(
      `SELECT * FROM records WHERE stream = ? AND shard = ? AND position > ? AND arrived_at_ms >= ?
         ORDER BY position LIMIT ?`,
    ),
  };
}

/** Arrival never goes back within a shard, so that the order of positions is the order of arrival. */
function next(head: Head, nowMs: number): Head {
  return { position: head.position + 1, arrivedAtMs: Math.max(head.arrivedAtMs, nowMs) };
}

/** As Kinesis does: the MD5 of the key, whose range the shards share evenly. */
function shardOf(partitionKey: string, shardCount: number): number {
  const hash = createHash("md5").update(partitionKey).digest().readUInt32BE(0);
  return Math.floor((hash * shardCount) / 2 ** 32);
}

function toRecord(row: Row): StreamRecord {
  return {
    shard: toShardId(Number(row.shard)),
    position: String(row.position).padStart(POSITION_DIGITS, "0"),
    partitionKey: String(row.partition_key),
    data: row.data instanceof Uint8Array ? row.data : new Uint8Array(),
    arrivedAtMs: toEpochMs(Number(row.arrived_at_ms)),
  };
}

function toShardId(shard: number): string {
  return `shardId-${String(shard).padStart(SHARD_DIGITS, "0")}`;
}

function toShard(shardId: string, shardCount: number): number {
  const shard = Number(/^shardId-(\d{12})$/.exec(shardId)?.[1]);
  if (!Number.isInteger(shard) || shard >= shardCount) {
    throw new NotFoundError(`the stream has no shard "${shardId}"`);
  }
  return shard;
}

function toPosition(text: string): number {
  const position = Number(text);
  if (!/^\d{20}$/.test(text) || !Number.isSafeInteger(position)) {
    throw new InvalidInputError(`a position of the stream has ${POSITION_DIGITS} digits, unlike "${text}"`);
  }
  return position;
}

function checkRecord({ partitionKey, data }: NewRecord): void {
  if (partitionKey.length === 0 || partitionKey.length > MAX_PARTITION_KEY_LENGTH) {
    throw new InvalidInputError(
      `a partition key must have 1 to ${MAX_PARTITION_KEY_LENGTH} characters, not ${partitionKey.length}`,
    );
  }
  if (data.length > MAX_RECORD_BYTES) {
    throw new InvalidInputError(
      `a stream record may have ${MAX_RECORD_BYTES} bytes at most, not ${data.length}`,
    );
  }
}
