// Decides how the fences of a tag are raised and its guard set: in scripts of bounded size, all on one life of the server.
// Leaves which fences there are to the caller, and what a fence removes to the script.

import { type Fence, InvalidInputError, tagOf, UnavailableError } from "@steward/core";
import { APPLY_FENCES } from "./apply-fences-script.ts";
import { chunksOf, forEachAtOnce } from "./at-once.ts";
import { SET_GUARD } from "./guard-scripts.ts";
import { fenceField, fencesKey, valueKey } from "./hot-key.ts";
import { toEventTimeBytes } from "./hot-value.ts";
import type { RedisConnection } from "./redis-connection.ts";
import { runScript } from "./redis-script.ts";
import { awaitReplicas } from "./replicas.ts";

/** Keys of one fence script: at most a fraction of a millisecond of the server. */
const MAX_KEYS_A_CALL = 256;
const CALLS_UNDER_WAY = 24;
/** A server that was flushed or replaced while its fences were raised gets them again, so often. */
const MAX_ROUNDS = 3;

export interface TagFences {
  readonly owner: string;
  readonly tag: string;
  readonly groups: readonly string[];
  readonly fences: readonly Fence[];
}

export async function applyFences(connection: RedisConnection, given: TagFences): Promise<void> {
  const { owner, tag, fences } = given;
  if (fences.some(({ pseudonym }) => tagOf(pseudonym) !== tag)) {
    throw new InvalidInputError(`fences of tag ${tag}: a pseudonym belongs to another tag`);
  }
  const key = fencesKey(owner, tag);
  const fields = fences.map(({ pseudonym }) => fenceField(pseudonym));
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const lives = await raiseFences(connection, given);
    if (lives.size > 1) continue;
    const [life = ""] = lives;
    const following = Number(
      await connection.run((client) => runScript(client, SET_GUARD, [key], [life, ...fields])),
    );
    if (following < 0) continue;
    await awaitReplicas(connection, key, following);
    return;
  }
  throw new UnavailableError(`the hot store lost its fences ${MAX_ROUNDS} times while they were raised`);
}

/** The lives of the server that did it: more than one, when a failover came between. */
async function raiseFences(
  connection: RedisConnection,
  { owner, tag, groups, fences }: TagFences,
): Promise<ReadonlySet<string>> {
  const lives = new Set<string>();
  const subjectsACall = Math.max(1, Math.floor(MAX_KEYS_A_CALL / (groups.length + 1)));
  await forEachAtOnce(chunksOf(fences, subjectsACall), CALLS_UNDER_WAY, async (chunk) => {
    const values = chunk.flatMap(({ pseudonym }) => groups.map((group) => valueKey(owner, pseudonym, group)));
    const keys = [fencesKey(owner, tag), ...values];
    const raised = chunk.flatMap(({ pseudonym, untilMs }) => [
      fenceField(pseudonym),
      toEventTimeBytes(untilMs),
    ]);
    const args = [String(groups.length), ...raised];
    lives.add(String(await connection.run((client) => runScript(client, APPLY_FENCES, keys, args))));
  });
  return lives;
}
