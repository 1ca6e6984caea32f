// Decides what is kept of events that a group could not take: where they lie in the stream and which rule they broke.
// The events themselves stay in the stream alone, and go with it.

import { z } from "zod";
import { updateItem } from "../ledger/update-item.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { EventFault } from "./decode-event.ts";

const RULES = ["required", "type", "range", "after-arrival", "columns", "encoding"] as const;
const pageBody = z.object({
  events: z.array(z.object({ position: z.string(), column: z.string().nullable(), rule: z.enum(RULES) })),
});

export interface SetAsideEvent {
  readonly shard: string;
  readonly position: string;
  readonly column: string | undefined;
  readonly rule: EventFault["rule"];
}

const partition = (group: string): string => `stream-set-aside#${group}`;

/** One item a page that has any, under its first bad event; the same again changes nothing. */
export async function saveSetAside(
  ledger: Ledger,
  group: string,
  shard: string,
  faults: readonly (EventFault & { readonly position: string })[],
): Promise<void> {
  const first = faults[0];
  if (first === undefined) return;
  const events = faults.map(({ position, column, rule }) => ({ position, column: column ?? null, rule }));
  await updateItem(ledger, { partition: partition(group), sort: `${shard}#${first.position}` }, () => ({
    events,
  }));
}

/** At most `max`, by shard and position. An event may be listed twice when its page was cut differently the second time. */
export async function listSetAsideEvents(
  ledger: Ledger,
  group: string,
  max: number,
): Promise<readonly SetAsideEvent[]> {
  const found: SetAsideEvent[] = [];
  for (const item of await ledger.list(partition(group))) {
    const shard = item.sort.slice(0, item.sort.lastIndexOf("#"));
    for (const { position, column, rule } of pageBody.parse(item.body).events)
      found.push({ shard, position, column: column ?? undefined, rule });
    if (found.length >= max) break;
  }
  return found.slice(0, max);
}
