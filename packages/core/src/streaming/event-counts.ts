// Decides how events are counted: read = set aside + planned, and every planned record ends in one outcome a store.

import { z } from "zod";
import { addCounts, countsSchema, NO_COUNTS, type StoreCounts } from "../writing/counts.ts";

export const eventCounts = z.object({
  read: z.number(),
  setAside: z.number(),
  overall: countsSchema,
  online: countsSchema,
  hot: countsSchema,
});
export type EventCounts = Readonly<z.infer<typeof eventCounts>>;

export const NO_EVENT_COUNTS: EventCounts = {
  read: 0,
  setAside: 0,
  overall: NO_COUNTS,
  online: NO_COUNTS,
  hot: NO_COUNTS,
};

export function toEventCounts(setAside: number, stores: StoreCounts): EventCounts {
  return { read: setAside + stores.overall.planned, setAside, ...stores };
}

export function addEventCounts(left: EventCounts, right: EventCounts): EventCounts {
  return {
    read: left.read + right.read,
    setAside: left.setAside + right.setAside,
    overall: addCounts(left.overall, right.overall),
    online: addCounts(left.online, right.online),
    hot: addCounts(left.hot, right.hot),
  };
}
