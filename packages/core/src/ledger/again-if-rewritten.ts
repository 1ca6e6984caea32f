// Decides what a reading of many objects does when an erasure writes one of them again in the middle: it reads all again.
// An erasure removes the older version as soon as the new one stands, so a reader may miss the bytes that it was told of.

import type { ObjectStore } from "../ports/object-store.ts";

const MAX_TRIES = 5;

/** Does the work; where it fails and one of the objects has another version than at its beginning, does it again. */
export async function againIfRewritten<T>(
  objects: Pick<ObjectStore, "find">,
  keys: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const before = await versionsOf(objects, keys);
    try {
      return await work();
    } catch (error) {
      if (tries === MAX_TRIES || (await versionsOf(objects, keys)) === before) throw error;
    }
  }
}

async function versionsOf(objects: Pick<ObjectStore, "find">, keys: readonly string[]): Promise<string> {
  const found = [];
  for (const key of keys) found.push((await objects.find(key))?.versionId ?? "none");
  return found.join(" ");
}
