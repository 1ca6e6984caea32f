// Decides which records go to Redis together: of one tag, no subject twice, bounded in number and bytes.

import { type EpochMs, type KeyedRecord, type Pseudonym, tagOf } from "@steward/core";
import type { HotValueCodec } from "./hot-value.ts";
import type { ValueLife } from "./value-life.ts";

/** A script over this many records takes about a millisecond of the server, during which it serves nobody else. */
export const MAX_BATCH_RECORDS = 128;
/** A batch is closed by the value that passes this. */
export const MAX_BATCH_BYTES = 1_048_576;

const LENGTH_BYTES = 4;
const FIRST_BUFFER_BYTES = 16_384;

export interface WriteBatch {
  readonly tag: string;
  /** The records' places in the call. */
  readonly indexes: readonly number[];
  readonly pseudonyms: readonly Pseudonym[];
  /** Each value after its length in four bytes. Written over when the next batch is asked for. */
  readonly values: Buffer;
  /** Remaining lives, one a record; empty where values live for ever. */
  readonly livesMs: readonly number[];
}

/**
 * The batches of a call, tag by tag, each encoded when it is asked for. Records past their life are in none. A subject
 * that comes again opens a new batch, because the script compares with what was stored before it.
 */
export function* writeBatches(
  records: readonly KeyedRecord[],
  codec: HotValueCodec,
  life: ValueLife | undefined,
  nowMs: EpochMs,
): Generator<WriteBatch> {
  const scratch = { bytes: Buffer.allocUnsafe(FIRST_BUFFER_BYTES) };
  for (const [tag, indexes] of indexesByTag(records)) {
    let batch = new OpenBatch(tag, codec, scratch);
    for (const index of indexes) {
      const keyed = records[index];
      if (keyed === undefined) continue;
      const lifeMs = life?.(keyed.pseudonym, keyed.record.eventTimeMs, nowMs);
      if (lifeMs !== undefined && lifeMs <= 0) continue;
      if (batch.isClosedTo(keyed.pseudonym)) {
        yield batch.close();
        batch = new OpenBatch(tag, codec, scratch);
      }
      batch.add(index, keyed, lifeMs);
    }
    if (batch.indexes.length > 0) yield batch.close();
  }
}

/** In the order of their first records. Those of a chunk come tag by tag: few of them need to be looked up. */
function indexesByTag(records: readonly KeyedRecord[]): ReadonlyMap<string, readonly number[]> {
  const byTag = new Map<string, number[]>();
  let tag: string | undefined;
  let indexes: number[] = [];
  records.forEach(({ pseudonym }, index) => {
    if (tag === undefined || !pseudonym.startsWith(tag)) {
      tag = tagOf(pseudonym);
      indexes = byTag.get(tag) ?? [];
      byTag.set(tag, indexes);
    }
    indexes.push(index);
  });
  return byTag;
}

/** What batches are encoded in, one after the other. */
interface Scratch {
  bytes: Buffer;
}

class OpenBatch {
  readonly tag: string;
  readonly indexes: number[] = [];
  readonly #codec: HotValueCodec;
  readonly #subjects = new Set<Pseudonym>();
  readonly #livesMs: number[] = [];
  readonly #scratch: Scratch;
  #end = 0;

  constructor(tag: string, codec: HotValueCodec, scratch: Scratch) {
    this.tag = tag;
    this.#codec = codec;
    this.#scratch = scratch;
  }

  isClosedTo(pseudonym: Pseudonym): boolean {
    return (
      this.indexes.length >= MAX_BATCH_RECORDS ||
      this.#end >= MAX_BATCH_BYTES ||
      this.#subjects.has(pseudonym)
    );
  }

  add(index: number, { pseudonym, record }: KeyedRecord, lifeMs: number | undefined): void {
    const start = this.#end + LENGTH_BYTES;
    let end = this.#codec.encodeInto(record, this.#scratch.bytes, start);
    while (end < 0) {
      const { bytes } = this.#scratch;
      const grown = Buffer.allocUnsafe(2 * bytes.length - end);
      bytes.copy(grown, 0, 0, this.#end);
      this.#scratch.bytes = grown;
      end = this.#codec.encodeInto(record, grown, start);
    }
    this.#scratch.bytes.writeUInt32BE(end - start, this.#end);
    this.#end = end;
    this.indexes.push(index);
    this.#subjects.add(pseudonym);
    if (lifeMs !== undefined) this.#livesMs.push(lifeMs);
  }

  close(): WriteBatch {
    return {
      tag: this.tag,
      indexes: this.indexes,
      pseudonyms: [...this.#subjects],
      values: this.#scratch.bytes.subarray(0, this.#end),
      livesMs: this.#livesMs,
    };
  }
}
