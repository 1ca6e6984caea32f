// Decides how the hot store's calls become batches of one tag, and how many of them are under way at once.
// Leaves the rules of a write to the scripts, bytes to hot-value.ts, keys to hot-key.ts.

import {
  type EpochMs,
  type FeatureGroup,
  type Fence,
  type HotOutcome,
  type HotStore,
  type HotValue,
  type KeyedRecord,
  listTags,
  type NamedRemoval,
  type Pseudonym,
  tagOf,
} from "@steward/core";
import type { Redis } from "ioredis";
import { applyFences } from "./apply-fences.ts";
import { chunksOf, forEachAtOnce } from "./at-once.ts";
import { FENCED_WRITE, toOutcome } from "./fenced-write-script.ts";
import { IS_GUARDED } from "./guard-scripts.ts";
import type { HotConnections } from "./hot-connections.ts";
import { batchKeys, fencesKey, pseudonymOfKey, valueKey, valueKeyPattern } from "./hot-key.ts";
import { type HotValueCodec, hotValueCodec } from "./hot-value.ts";
import type { RedisConnection } from "./redis-connection.ts";
import { runScript, scriptCall, WireBuffers } from "./redis-script.ts";
import { removeNamed } from "./remove-named.ts";
import { scanKeys } from "./scan-keys.ts";
import { type ValueLife, valueLife } from "./value-life.ts";
import { type WriteBatch, writeBatches } from "./write-batches.ts";

/** Keys of one MGET: at most a fraction of a millisecond of the server. */
const MAX_KEYS_A_CALL = 256;
/** Enough to keep three nodes busy; the memory of a write is this many batches. */
const CALLS_UNDER_WAY = 24;
/** Small scripts without keys to read: more of them together than of batches. */
const GUARDS_UNDER_WAY = 256;

export interface RedisHotStoreOptions {
  /** Earlier versions of groups whose values may still be stored; a value is decoded by the version that wrote it. */
  readonly earlierVersions?: readonly FeatureGroup[];
}

interface GroupParts {
  readonly codec: HotValueCodec;
  readonly life: ValueLife | undefined;
}

export class RedisHotStore implements HotStore {
  readonly #connections: HotConnections;
  readonly #earlierVersions: readonly FeatureGroup[];
  readonly #parts = new WeakMap<FeatureGroup, GroupParts>();
  readonly #buffers = new WireBuffers();

  constructor(connections: HotConnections, options: RedisHotStoreOptions = {}) {
    this.#connections = connections;
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
      batch.indexes.forEach((index, position) => {
        outcomes[index] = toOutcome(answer, position);
      });
    });
    return outcomes;
  }

  async read(
    group: FeatureGroup,
    pseudonyms: readonly Pseudonym[],
  ): Promise<readonly (HotValue | undefined)[]> {
    const values = new Array<HotValue | undefined>(pseudonyms.length);
    const { codec } = this.#partsOf(group);
    const connection = this.#connections.of(group.owner);
    await forEachAtOnce(chunksByTag(pseudonyms), CALLS_UNDER_WAY, async (indexes) => {
      const keys = indexes.map((index) => valueKey(group.owner, pseudonyms[index] ?? "", group.name));
      const stored = await connection.run((client) => client.mgetBuffer(keys));
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
    for await (const { keys } of scanKeys(this.#connections.of(group.owner), pattern)) {
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
    return applyFences(this.#connections.of(owner), { owner, tag, groups, fences });
  }

  async listUnguarded(owner: string): Promise<readonly string[]> {
    const tags = listTags();
    const guarded = new Set<string>();
    const connection = this.#connections.of(owner);
    await forEachAtOnce(tags, GUARDS_UNDER_WAY, async (tag) => {
      const keys = [fencesKey(owner, tag)];
      if ((await connection.run((client) => runScript(client, IS_GUARDED, keys, []))) === 1) guarded.add(tag);
    });
    return tags.filter((tag) => !guarded.has(tag));
  }

  async incarnation(): Promise<string> {
    const lives = await Promise.all(this.#connections.places().map(livesOf));
    return lives.flat().sort().join(" ");
  }

  async removeNamed(group: FeatureGroup, feature: string, subjects: readonly Fence[]): Promise<NamedRemoval> {
    const connection = this.#connections.of(group.owner);
    return removeNamed(connection, this.#partsOf(group).codec, { group, feature, subjects });
  }

  async #writeBatch(group: FeatureGroup, batch: WriteBatch): Promise<string> {
    const keys = batchKeys(group.owner, batch.tag, group.name, batch.pseudonyms);
    const args = batch.livesMs.length === 0 ? [batch.values] : [batch.values, batch.livesMs.join()];
    // Copied before anything is waited for: the batch's bytes are written over when the next one is asked for.
    const send = scriptCall(FENCED_WRITE, keys, args, this.#buffers);
    return String(await this.#connections.of(group.owner).run(send));
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

function* chunksByTag(pseudonyms: readonly Pseudonym[]): Generator<readonly number[]> {
  const byTag = Map.groupBy(pseudonyms.keys(), (index) => tagOf(pseudonyms[index] ?? ""));
  for (const indexes of byTag.values()) yield* chunksOf(indexes, MAX_KEYS_A_CALL);
}

/** Of every master. */
async function livesOf(connection: RedisConnection): Promise<readonly string[]> {
  const masters = await connection.masters();
  return connection.run(() => Promise.all(masters.map(lifeOf)));
}

/** As the guards say it. */
async function lifeOf(node: Redis): Promise<string> {
  return /^master_replid:(\w+)/m.exec(await node.info("replication"))?.[1] ?? "";
}
