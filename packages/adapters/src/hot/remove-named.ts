// Decides which values of a group go because a feature of theirs names a subject: read, decoded, and removed only if the
// bytes are still those that were read. Leaves fences and guards alone: a subject column has none.

import {
  type EpochMs,
  type FeatureGroup,
  type Fence,
  type NamedRemoval,
  type Pseudonym,
  UnavailableError,
} from "@steward/core";
import type { Redis } from "ioredis";
import { valueKeyPattern } from "./hot-key.ts";
import type { HotValueCodec } from "./hot-value.ts";
import type { RedisConnection } from "./redis-connection.ts";
import { redisScript, runScript } from "./redis-script.ts";
import { awaitReplicasOf } from "./replicas.ts";
import { scanKeys } from "./scan-keys.ts";

export interface NamedSubjects {
  readonly group: FeatureGroup;
  /** The feature whose value is the pseudonym. */
  readonly feature: string;
  readonly subjects: readonly Fence[];
}

/** KEYS: a value. ARGV: the bytes that it had when it was read. */
const REMOVE_IF_SAME = redisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('UNLINK', KEYS[1])
`);

/** A value that is written anew between each reading and its removal, so often, has writers that nobody waited for. */
const MAX_ROUNDS = 10;

export async function removeNamed(
  connection: RedisConnection,
  codec: HotValueCodec,
  { group, feature, subjects }: NamedSubjects,
): Promise<NamedRemoval> {
  const untilMs = new Map(subjects.map((subject) => [subject.pseudonym, subject.untilMs]));
  const newer = new Set<string>();
  let lookedAt = 0;
  let removed = 0;
  if (untilMs.size === 0) return { lookedAt, removed, newerKept: newer.size };
  const verdict = (bytes: Buffer): Verdict => judge(codec, feature, untilMs, bytes);
  for await (const { node, keys } of scanKeys(connection, valueKeyPattern(group.owner, group.name))) {
    lookedAt += keys.length;
    const before = removed;
    let open = keys;
    for (let round = 0; open.length > 0; round += 1) {
      if (round === MAX_ROUNDS)
        throw new UnavailableError(`values of group "${group.name}" change faster than they can be removed`);
      const result = await removeSome(connection, node, open, verdict);
      removed += result.removed;
      for (const key of result.newer) newer.add(key);
      open = result.changed;
    }
    if (removed > before) await awaitReplicasOf(connection, node);
  }
  return { lookedAt, removed, newerKept: newer.size };
}

type Verdict = "removable" | "newer" | "other";

function judge(
  codec: HotValueCodec,
  feature: string,
  untilMs: ReadonlyMap<Pseudonym, EpochMs>,
  bytes: Buffer,
): Verdict {
  const value = codec.decode(bytes);
  const named = value?.features[feature];
  const until = typeof named === "string" ? untilMs.get(named) : undefined;
  if (value === undefined || until === undefined) return "other";
  return value.eventTimeMs <= until ? "removable" : "newer";
}

interface SomeRemoved {
  readonly removed: number;
  readonly newer: readonly string[];
  /** Had other bytes when they were to go: to be looked at again. */
  readonly changed: readonly string[];
}

async function removeSome(
  connection: RedisConnection,
  node: Redis,
  keys: readonly string[],
  verdict: (bytes: Buffer) => Verdict,
): Promise<SomeRemoved> {
  // One by one, for the keys of a step lie in many slots; the client sends them together.
  const values = await connection.run(() => Promise.all(keys.map((key) => node.getBuffer(key))));
  const newer: string[] = [];
  const going: { readonly key: string; readonly bytes: Buffer }[] = [];
  for (const [index, key] of keys.entries()) {
    const bytes = values[index];
    if (!bytes) continue;
    const said = verdict(bytes);
    if (said === "newer") newer.push(key);
    else if (said === "removable") going.push({ key, bytes });
  }
  const replies = await connection.run(() =>
    Promise.all(going.map(({ key, bytes }) => runScript(node, REMOVE_IF_SAME, [key], [bytes]))),
  );
  const changed = going.filter((_, index) => replies[index] !== 1).map(({ key }) => key);
  return { removed: going.length - changed.length, newer, changed };
}
