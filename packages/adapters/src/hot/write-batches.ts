// Decides which records go to Redis together: of one tag, no subject twice, bounded in number and bytes.

import { type EpochMs, type FeatureRecord, type KeyedRecord, type Pseudonym, tagOf } from "@steward/core";
import type { ValueLife } from "./value-life.ts";

/** A script over this many records takes about a millisecond of the server, during which it serves nobody else. */
export const MAX_BATCH_RECORDS = 128;
export const MAX_BATCH_BYTES = 1_048_576;

export interface WriteBatch {
  readonly tag: string;
  /** The records' places in the call. */
  readonly indexes: readonly number[];
  readonly pseudonyms: readonly Pseudonym[];
  readonly values: readonly Buffer[];
  /** Remaining lives, one a record; empty where values live for ever. */
  readonly livesMs: readonly number[];
}

/**
 * The batches of a call, tag by tag, each encoded when it is asked for. Records past their life are in none. A subject
 * that comes again opens a new batch, because the script compares with what was stored before it.
 */
export function* writeBatches(
  records: readonly KeyedRecord[],
  encode: (record: FeatureRecord) => Buffer,
  life: ValueLife | undefined,
  nowMs: EpochMs,
): Generator<WriteBatch> {
  const byTag = Map.groupBy(records.keys(), (index) => tagOf(records[index]?.pseudonym ?? ""));
  for (const [tag, indexes] of byTag) {
    let batch = openBatch(tag);
    for (const index of indexes) {
      const keyed = records[index];
      if (keyed === undefined) continue;
      const lifeMs = life?.(keyed.pseudonym, keyed.record.eventTimeMs, nowMs);
      if (lifeMs !== undefined && lifeMs <= 0) continue;
      if (batch.isClosedTo(keyed.pseudonym)) {
        yield batch;
        batch = openBatch(tag);
      }
      batch.add(index, keyed.pseudonym, encode(keyed.record), lifeMs);
    }
    if (batch.indexes.length > 0) yield batch;
  }
}

function openBatch(tag: string) {
  const indexes: number[] = [];
  const pseudonyms: Pseudonym[] = [];
  const values: Buffer[] = [];
  const livesMs: number[] = [];
  const subjects = new Set<Pseudonym>();
  let bytes = 0;
  return {
    tag,
    indexes,
    pseudonyms,
    values,
    livesMs,
    isClosedTo: (pseudonym: Pseudonym) =>
      indexes.length >= MAX_BATCH_RECORDS || bytes >= MAX_BATCH_BYTES || subjects.has(pseudonym),
    add(index: number, pseudonym: Pseudonym, value: Buffer, lifeMs: number | undefined) {
      indexes.push(index);
      pseudonyms.push(pseudonym);
      values.push(value);
      if (lifeMs !== undefined) livesMs.push(lifeMs);
      subjects.add(pseudonym);
      bytes += value.length;
    },
  };
}
