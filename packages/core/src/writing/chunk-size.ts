// Decides how many records a chunk has at most: no more than a worker finishes in its life, at the pace of the run.

import type { Settings } from "../ports/ports.ts";

/** Workers that share the pace at once: as many chunks are under way, each within its worker's life. */
const PARALLEL_WORKERS = 10;

/** `unitsPerSecond` is the run's own, null or undefined where it has none: then the platform's.
 * At 100 units a second and a life of 60 s: at most 600 records. */
export function chunkSizeOf(
  settings: Pick<Settings, "chunkRecords" | "unitsPerSecond" | "workerLifeMs">,
  unitsPerSecond: number | null | undefined,
): number {
  const pace = unitsPerSecond ?? settings.unitsPerSecond;
  if (pace === undefined) return settings.chunkRecords;
  const recordsInLife = Math.floor((pace * settings.workerLifeMs) / 1_000 / PARALLEL_WORKERS);
  return Math.max(1, Math.min(settings.chunkRecords, recordsInLife));
}
