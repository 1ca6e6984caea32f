// Decides how a drill empties the hot store, as a flush would: values, fences and guards of some owners, nothing of others.

import type { HotConnections } from "./hot-connections.ts";
import { ownedKeyPattern } from "./hot-key.ts";
import { scanKeys } from "./scan-keys.ts";

/** Removes every key of these owners; how many there were. @throws UnavailableError when Redis cannot be reached. */
export async function wipeHotStore(connections: HotConnections, owners: readonly string[]): Promise<number> {
  let removed = 0;
  for (const owner of new Set(owners)) {
    const connection = connections.of(owner);
    for await (const { node, keys } of scanKeys(connection, ownedKeyPattern(owner))) {
      // One by one, for the keys of a step lie in many slots.
      const replies = await connection.run(() => Promise.all(keys.map((key) => node.unlink(key))));
      removed += replies.reduce((sum, count) => sum + count, 0);
    }
  }
  return removed;
}
