// Decides how a drill empties the hot store, as a flush would: values, fences and guards of some owners, nothing of others.

import { ownedKeyPattern } from "./hot-key.ts";
import type { RedisConnection } from "./redis-connection.ts";

/** Keys that a node looks at in one step of a scan. */
const SCAN_COUNT = 1_000;

/** Removes every key of these owners; how many there were. @throws UnavailableError when Redis cannot be reached. */
export async function wipeHotStore(connection: RedisConnection, owners: readonly string[]): Promise<number> {
  let removed = 0;
  for (const node of await connection.masters()) {
    for (const owner of new Set(owners)) {
      let cursor = "0";
      do {
        const [next, keys] = await connection.run(() =>
          node.scan(cursor, "MATCH", ownedKeyPattern(owner), "COUNT", SCAN_COUNT),
        );
        cursor = next;
        // One by one, for the keys of a step lie in many slots.
        const replies = await connection.run(() => Promise.all(keys.map((key) => node.unlink(key))));
        removed += replies.reduce((sum, count) => sum + count, 0);
      } while (cursor !== "0");
    }
  }
  return removed;
}
