// Decides how many records a chunk has at most: no more than a worker finishes in its life, at the pace of the run.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { Settings } from "../ports/ports.ts";
import { WRITE_UNIT_BYTES } from "./defaults.ts";

/** Workers that may share the pace of a group at once, with room: an account has sixteen (workflows/inventory.ts). */
export const PARALLEL_WORKERS = 20;
/** Identifier and event time; a value as text: a double has up to 17 digits, an instant 24, most texts fewer than 64. */
const RECORD_BYTES = 60;
const VALUE_BYTES = 20;
const TEXT_BYTES = 64;

/** `unitsPerSecond` is the run's own, null or undefined where it has none: then the platform's.
 * At 100 units a second and a life of 60 s: at most 300 records of a unit each, 150 of two. */
export function chunkSizeOf(
  settings: Pick<Settings, "chunkRecords" | "unitsPerSecond" | "workerLifeMs">,
  unitsPerSecond: number | null | undefined,
  group: FeatureGroup,
): number {
  const pace = unitsPerSecond ?? settings.unitsPerSecond;
  if (pace === undefined) return settings.chunkRecords;
  const unitsInLife = (pace * settings.workerLifeMs) / 1_000 / PARALLEL_WORKERS;
  const recordsInLife = Math.floor(unitsInLife / typicalUnitsOf(group));
  return Math.max(1, Math.min(settings.chunkRecords, recordsInLife));
}

/** What a record of the group is likely to weigh, before any is known. */
function typicalUnitsOf({ features }: FeatureGroup): number {
  const bytes = features.reduce(
    (sum, { name, type }) => sum + name.length + (type.kind === "text" ? TEXT_BYTES : VALUE_BYTES),
    RECORD_BYTES,
  );
  return Math.ceil(bytes / WRITE_UNIT_BYTES);
}
