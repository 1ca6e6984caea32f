// Decides how a drill empties a store of a local platform, so that a rebuild has something to bring back.

import { type RedisConnection, wipeHotStore } from "@steward/adapters";
import { type Definitions, MAX_EPOCH_MS, NotFoundError, type OnlineStore, type Target } from "@steward/core";

export interface WipeOptions {
  readonly redis: RedisConnection;
  readonly onlineStore: OnlineStore;
  readonly definitions: Definitions;
}

/** Deletes under way at once: each is a call of its own. */
const DELETES_AT_ONCE = 16;

/** Removes all that the groups have in the store: in the hot store keys, fences and guards included, online records. How many. */
export async function wipeStore(options: WipeOptions, store: Target): Promise<number> {
  const groups = options.definitions.list();
  if (store === "hot")
    return wipeHotStore(
      options.redis,
      groups.map(({ owner }) => owner),
    );
  let removed = 0;
  for (const group of groups) {
    const recordIds = await listRecordIds(options.onlineStore, group);
    for (let start = 0; start < recordIds.length; start += DELETES_AT_ONCE) {
      const some = recordIds.slice(start, start + DELETES_AT_ONCE);
      await Promise.all(
        some.map((recordId) =>
          options.onlineStore.delete(group, recordId, { mode: "hard", eventTimeMs: MAX_EPOCH_MS }),
        ),
      );
      removed += some.length;
    }
  }
  return removed;
}

/** Empty for a group that was never created. */
async function listRecordIds(
  onlineStore: OnlineStore,
  group: Parameters<OnlineStore["list"]>[0],
): Promise<readonly string[]> {
  const recordIds: string[] = [];
  try {
    for await (const page of onlineStore.list(group, { includeSoftDeleted: true })) recordIds.push(...page);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
  return recordIds;
}
