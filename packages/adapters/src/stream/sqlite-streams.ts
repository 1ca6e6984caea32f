// Decides how the streams of a platform lie: one a source, all in one SQLite file.

import type { Clock, Streams } from "@steward/core";
import { SqliteStream } from "./sqlite-stream.ts";

export interface SqliteStreamsOptions {
  readonly file: string;
  /** Default 2. Fixed for a stream when it is first opened. */
  readonly shardCount?: number;
  /** Default 7 days, as long as the streams of an account are kept. */
  readonly retentionMs?: number;
  readonly clock: Clock;
}

const SHARDS = 2;
const RETENTION_MS = 7 * 24 * 3_600_000;

export class SqliteStreams implements Streams {
  readonly retentionMs: number;
  readonly #options: Required<SqliteStreamsOptions>;
  readonly #open = new Map<string, SqliteStream>();

  constructor({ shardCount = SHARDS, retentionMs = RETENTION_MS, ...rest }: SqliteStreamsOptions) {
    this.#options = { shardCount, retentionMs, ...rest };
    this.retentionMs = retentionMs;
  }

  get(source: string): SqliteStream {
    const known = this.#open.get(source);
    if (known !== undefined) return known;
    const stream = new SqliteStream({ ...this.#options, name: source });
    this.#open.set(source, stream);
    return stream;
  }

  close(): void {
    for (const stream of this.#open.values()) stream.close();
    this.#open.clear();
  }
}
