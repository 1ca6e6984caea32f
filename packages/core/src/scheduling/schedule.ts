// Decides when a group is refreshed by itself: instants that follow from its definition alone, so that no process, kill or
// late run can move them, spread so that groups of one period do not begin together.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { EpochMs } from "../time/epoch-ms.ts";

/** Slots are the instants k × periodMs + offsetMs since the epoch. */
export interface Schedule {
  readonly periodMs: number;
  /** 0 ≤ offsetMs < periodMs, whole seconds. */
  readonly offsetMs: number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** Of an objective of 2 hours an hour: data is then at most a period and a run old, with a period in hand. */
const RUNS_PER_OBJECTIVE = 2;

/**
 * The declared schedule, else half of the freshness objective in whole minutes (at least one); undefined for a group that
 * has neither, or that a stream feeds.
 *
 * "every hour" with an offset of 754 s: 00:12:34, 01:12:34, … whenever the platform was started.
 */
export function scheduleOf(group: FeatureGroup): Schedule | undefined {
  const periodMs = periodOf(group);
  if (group.path === "stream" || periodMs === undefined) return undefined;
  return { periodMs, offsetMs: (hashOf(group.name) % (periodMs / SECOND_MS)) * SECOND_MS };
}

/** The last slot at or before the instant. */
export function lastSlotAt({ periodMs, offsetMs }: Schedule, instant: EpochMs): EpochMs {
  return (Math.floor((instant - offsetMs) / periodMs) * periodMs + offsetMs) as EpochMs;
}

/** The first slot after the instant. */
export function nextSlotAfter(schedule: Schedule, instant: EpochMs): EpochMs {
  return (lastSlotAt(schedule, instant) + schedule.periodMs) as EpochMs;
}

function periodOf({ scheduleMs, freshnessMs }: FeatureGroup): number | undefined {
  if (scheduleMs !== undefined || freshnessMs === undefined) return scheduleMs;
  const minutes = Math.floor(freshnessMs / RUNS_PER_OBJECTIVE / MINUTE_MS);
  return Math.max(1, minutes) * MINUTE_MS;
}

/** FNV-1a, 32 bits, of the text's UTF-16 units: http://www.isthe.com/chongo/tech/comp/fnv/. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
