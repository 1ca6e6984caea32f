// A stream as Kinesis offers it: shards, positions that only rise within a shard, arrival times, retention.

import type { EpochMs } from "../time/epoch-ms.ts";

export interface StreamRecord {
  readonly shard: string;
  /** Rises within its shard; fixed width, so that the order of the text is the order of the shard. */
  readonly position: string;
  readonly partitionKey: string;
  readonly data: Uint8Array;
  readonly arrivedAtMs: EpochMs;
}

/** Where to begin: the oldest retained record, just after a position, or at the first record that arrived at or after an instant. */
export type StreamStart = "oldest" | { readonly after: string } | { readonly arrivedAtMs: EpochMs };

export interface StreamPage {
  readonly records: readonly StreamRecord[];
  /** True when nothing younger was in the shard at the time of reading. */
  readonly atTip: boolean;
}

export interface Stream {
  listShards(): Promise<readonly string[]>;
  /** Appends in order; records with one partition key stay in one shard. Durable once it returns. */
  append(records: readonly { readonly partitionKey: string; readonly data: Uint8Array }[]): Promise<void>;
  /** Up to `max` records of a shard in order. */
  read(shard: string, start: StreamStart, max: number): Promise<StreamPage>;
  /** What is past retention is gone from where it lay, once it returns. @throws UnavailableError while a reader stands in the way. */
  purgeExpired(): Promise<void>;
}

export interface Streams {
  /** The stream of a source; groups of one source share it. */
  get(source: string): Stream;
  /** A record that arrived longer ago than this is gone. */
  readonly retentionMs: number;
}
