// Decides how the hot store's calls become batches of one tag, and how many of them are under way at once.
// Leaves the rules of a write to the scripts, bytes to hot-value.ts, keys to hot-key.ts.

import {
  type EpochMs,
  type FeatureGroup,
  type Fence,
  type HotOutcome,
  type HotStore,
  type HotValue,
  InvalidInputError,
  type KeyedRecord,
  type NamedRemoval,
  type Pseudonym,
  tagOf,
} from "@steward/core";
import { APPLY_FENCES } from "./apply-fences-script.ts";
import { FENCED_WRITE, toOutcome } from "./fenced-write-script.ts";
import { batchKeys, fenceKey, guardKey, pseudonymOfKey, valueKey, valueKeyPattern } from "./hot-key.ts";
import { EVENT_TIME_BYTES, type HotValueCodec, hotValueCodec, writeEventTime } from "./hot-value.ts";
import type { RedisConnection } from "./redis-connection.ts";
import { runScript } from "./redis-script.ts";
import { removeNamed } from "./remove-named.ts";
import { scanKeys } from "./scan-keys.ts";
import { type ValueLife, valueLife } from "./value-life.ts";
import { type WriteBatch, writeBatches } from "./write-batches.ts";

/** Keys of one MGET or one fence script: at most a fraction of a millisecond of the server. */
const MAX_KEYS_A_CALL = 256;
/** Enough to keep three nodes busy; the memory of a write is this many batches. */
const CALLS_UNDER_WAY = 24;
const GUARD = "1";

export interface RedisHotStoreOptions {
  /** Earlier versions of groups whose values may still be stored; a value is decoded by the version that wrote it. */
  readonly earlierVersions?: readonly FeatureGroup[];
}

interface GroupParts {
  readonly codec: HotValueCodec;
  readonly life: ValueLife | undefined;
}

export class RedisHotStore implements HotStore {
  readonly #connection: RedisConnection;
  readonly #earlierVersions: readonly FeatureGroup[];
  readonly #parts = new WeakMap<FeatureGroup, GroupParts>();

  constructor(connection: RedisConnection, options: RedisHotStoreOptions = {}) {
    this.#connection = connection;
    this.#earlierVersions = options.earlierVersions ?? [];
  }

  async write(
    group: FeatureGroup,
    records: readonly KeyedRecord[],
    nowMs: EpochMs,
  ): Promise<readonly HotOutcome[]> {
    const outcomes = new Array<HotOutcome>(records.length).fill("expired");
    const { codec, life } = this.#partsOf(group);
    const batches = writeBatches(records, codec, life, nowMs);
    await forEachAtOnce(batches, CALLS_UNDER_WAY, async (batch) => {
      const answer = await this.#writeBatch(group, batch);
      for (const [position, index] of batch.indexes.entries()) outcomes[index] = toOutcome(answer, position);
    });
    return outcomes;
  }

  async read(
    group: FeatureGroup,
    pseudonyms: readonly Pseudonym[],
  ): Promise<readonly (HotValue | undefined)[]> {
    const values = new Array<HotValue | undefined>(pseudonyms.length);
    const { codec } = this.#partsOf(group);
    await forEachAtOnce(chunksByTag(pseudonyms), CALLS_UNDER_WAY, async (indexes) => {
      const keys = indexes.map((index) => valueKey(group.owner, pseudonyms[index] ?? "", group.name));
      const stored = await this.#connection.run((client) => client.mgetBuffer(keys));
      for (const [position, index] of indexes.entries()) {
        const bytes = stored[position];
        values[index] = bytes ? codec.decode(bytes) : undefined;
      }
    });
    return values;
  }

  /** A pseudonym may come twice when a node's table shrinks, or a slot moves, while it is scanned. */
  async *scan(group: FeatureGroup): AsyncGenerator<readonly Pseudonym[]> {
    const pattern = valueKeyPattern(group.owner, group.name);
    for await (const { keys } of scanKeys(this.#connection, pattern)) {
      const found = keys.map(pseudonymOfKey).filter((pseudonym) => pseudonym !== undefined);
      if (found.length > 0) yield found;
    }
  }

  async applyFences(
    owner: string,
    tag: string,
    groups: readonly string[],
    fences: readonly Fence[],
  ): Promise<void> {
    if (fences.some(({ pseudonym }) => tagOf(pseudonym) !== tag)) {
      throw new InvalidInputError(`fences of tag ${tag}: a pseudonym belongs to another tag`);
    }
    const subjectsACall = Math.max(1, Math.floor(MAX_KEYS_A_CALL / (groups.length + 1)));
    await forEachAtOnce(chunks(fences, subjectsACall), CALLS_UNDER_WAY, async (chunk) => {
      const keys = chunk.flatMap(({ pseudonym }) => [
        fenceKey(owner, pseudonym),
        ...groups.map((group) => valueKey(owner, pseudonym, group)),
      ]);
      const args = [String(groups.length), ...chunk.map(({ untilMs }) => bigEndian(untilMs))];
      await this.#connection.run((client) => runScript(client, APPLY_FENCES, keys, args));
    });
    await this.#connection.run((client) => client.set(guardKey(owner, tag), GUARD));
  }

  removeNamed(group: FeatureGroup, feature: string, subjects: readonly Fence[]): Promise<NamedRemoval> {
    return removeNamed(this.#connection, this.#partsOf(group).codec, { group, feature, subjects });
  }

  async #writeBatch(group: FeatureGroup, batch: WriteBatch): Promise<string> {
    const keys = batchKeys(group.owner, batch.tag, group.name, batch.pseudonyms);
    const args = batch.livesMs.length === 0 ? [batch.values] : [batch.values, batch.livesMs.join()];
    return String(await this.#connection.run((client) => runScript(client, FENCED_WRITE, keys, args)));
  }

  #partsOf(group: FeatureGroup): GroupParts {
    const known = this.#parts.get(group);
    if (known !== undefined) return known;
    const earlier = this.#earlierVersions.filter(
      ({ name, owner }) => name === group.name && owner === group.owner,
    );
    const parts = {
      codec: hotValueCodec(group, earlier),
      life: group.ttlMs === undefined ? undefined : valueLife(group.name, group.ttlMs),
    };
    this.#parts.set(group, parts);
    return parts;
  }
}

function bigEndian(instant: EpochMs): Buffer {
  const bytes = Buffer.alloc(EVENT_TIME_BYTES);
  writeEventTime(instant, bytes, 0);
  return bytes;
}

function* chunksByTag(pseudonyms: readonly Pseudonym[]): Generator<readonly number[]> {
  const byTag = Map.groupBy(pseudonyms.keys(), (index) => tagOf(pseudonyms[index] ?? ""));
  for (const indexes of byTag.values()) yield* chunks(indexes, MAX_KEYS_A_CALL);
}

function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

/** Runs `work` over the items, at most `limit` at once, in order of their start; the first failure ends it. */
async function forEachAtOnce<T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let failed = false;
  const lane = async () => {
    for (let next = iterator.next(); !next.done && !failed; next = iterator.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, lane));
}
