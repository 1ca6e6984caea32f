// Decides how the youngest event of each partition is remembered, over pages and shards.

import { MAX_PARTITIONS } from "../ports/batch-engine.ts";
import type { EpochMs } from "../time/epoch-ms.ts";

/** By the text of the source's partition column. */
export type Youngest = Readonly<Record<string, EpochMs>>;

/** The younger of each; of more than `MAX_PARTITIONS` the youngest go: silence is looked for. */
export function addYoungest(known: Youngest, found: Youngest): Youngest {
  const all = new Map(Object.entries(known));
  for (const [partition, atMs] of Object.entries(found))
    if (atMs > (all.get(partition) ?? Number.NEGATIVE_INFINITY)) all.set(partition, atMs);
  if (all.size <= MAX_PARTITIONS) return Object.fromEntries(all);
  const oldestFirst = [...all].sort(([, left], [, right]) => left - right);
  return Object.fromEntries(oldestFirst.slice(0, MAX_PARTITIONS));
}
