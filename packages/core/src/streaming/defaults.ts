// The defaults of reading a stream, each with its reason.

import type { Settings } from "../ports/ports.ts";

/** Events read and written at a time: seconds of a busy shard, and one call of the online store's adapter. */
const PAGE_EVENTS = 400;
/** Of a worker's life, what writing a page may take at the pace: the rest is for throttles. */
const SHARE_OF_LIFE = 0.5;

/** Events of one page; under a slow pace, few enough to be written in a worker's life. At 5 units a second and 60 s: 150. */
export function streamPageEvents({
  unitsPerSecond,
  workerLifeMs,
}: Pick<Settings, "unitsPerSecond" | "workerLifeMs">): number {
  if (unitsPerSecond === undefined) return PAGE_EVENTS;
  const eventsInLife = Math.floor((unitsPerSecond * workerLifeMs * SHARE_OF_LIFE) / 1_000);
  return Math.max(1, Math.min(PAGE_EVENTS, eventsInLife));
}

/** Several times as long as a page takes; a consumer that died on another machine is followed so soon. */
export const STREAM_LEASE_MS = 60_000;

/** Clocks of writers and readers differ, and an arrival is dated before it can be read. */
export const HAND_OVER_MARGIN_MS = 60_000;
