// Decides how a page of a stream reaches the stores: one stretch, registered before suppressions are read, then written
// through the one write path. Consumer, replay and rebuild all come through here: this is the replay cap.

import { entitiesOf, type FeatureGroup } from "../definitions/feature-group.ts";
import type { FeatureRecord } from "../definitions/value.ts";
import { forgetAsOf, registerAsOf } from "../ledger/as-of.ts";
import { TARGETS, type Target } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import type { StreamRecord } from "../ports/stream.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { addStoreCounts, NO_STORE_COUNTS, uniformCounts } from "../writing/counts.ts";
import { writeRecords } from "../writing/write-chunk.ts";
import { decodeEvent, type EventFault } from "./decode-event.ts";
import { dropTies } from "./drop-ties.ts";
import { type EventCounts, toEventCounts } from "./event-counts.ts";
import type { Youngest } from "./youngest-events.ts";

/** Names a stretch among all that write at once. */
export interface Stretch {
  /** Whose it is: a consumer or a replay, and a shard. */
  readonly reader: string;
  /** Rises from one stretch of the reader to the next. */
  readonly number: number;
}

export interface WriteEventsOptions {
  readonly targets?: readonly Target[];
  /** False where the rows are in the offline store already, or soon will be by another hand. */
  readonly alsoOffline: boolean;
}

export interface WrittenEvents {
  readonly counts: EventCounts;
  /** The bad ones: where in the shard, and why. */
  readonly setAside: readonly (EventFault & { readonly position: string })[];
  /** The youngest event that was taken, suppressed ones included; undefined: none was. Freshness is counted from it. */
  readonly greatestEventTimeMs: EpochMs | undefined;
  /** The same of each value of the source's partition column; empty where it has none. */
  readonly partitions: Youngest;
  /** Why some records were not written; undefined: all have their outcome, and the reader may go on. */
  readonly reason: string | undefined;
}

/**
 * Done twice equals once, but for rows of the offline store, which its readers count once. No call starts later than a
 * worker's life after the beginning. @throws UnavailableError when a store cannot be reached: the same page may come again.
 */
export async function writeEvents(
  ports: Ports,
  group: FeatureGroup,
  events: readonly StreamRecord[],
  stretch: Stretch,
  { targets = TARGETS, alsoOffline }: WriteEventsOptions,
): Promise<WrittenEvents> {
  const { records, setAside, partitions } = decodeAll(group, events);
  const greatestEventTimeMs = greatestOf(records);
  if (greatestEventTimeMs === undefined) {
    const counts = toEventCounts(setAside.length, NO_STORE_COUNTS);
    return { counts, setAside, greatestEventTimeMs, partitions, reason: undefined };
  }
  const deadlineMs = ports.timer.nowMs() + ports.settings.workerLifeMs;
  const run = { runId: `stretch-${stretch.reader}`, attempt: stretch.number };
  const process = ports.holders.current();
  const asOfMs = ports.clock.now();
  for (const entity of entitiesOf(group))
    await registerAsOf(ports.ledger, entity, { ...run, asOfMs, process, expiresAtMs: deadlineMs });
  try {
    const standing = await dropTies(ports, group, records, targets);
    const written = await writeRecords(ports, group, standing, { deadlineMs, targets, alsoOffline });
    const second = uniformCounts(records.length - standing.length, "newerKept", targets);
    const counts = toEventCounts(setAside.length, addStoreCounts(written.counts, second));
    return { counts, setAside, greatestEventTimeMs, partitions, reason: written.reason };
  } finally {
    for (const entity of entitiesOf(group)) await forgetAsOf(ports.ledger, entity, run);
  }
}

function greatestOf(records: readonly FeatureRecord[]): EpochMs | undefined {
  return records.reduce<EpochMs | undefined>(
    (greatest, { eventTimeMs }) =>
      greatest === undefined || eventTimeMs > greatest ? eventTimeMs : greatest,
    undefined,
  );
}

function decodeAll(group: FeatureGroup, events: readonly StreamRecord[]) {
  const records: FeatureRecord[] = [];
  const setAside: (EventFault & { readonly position: string })[] = [];
  const partitions = new Map<string, EpochMs>();
  for (const event of events) {
    const decoded = decodeEvent(group, event);
    if (decoded.kind === "fault") setAside.push({ ...decoded.fault, position: event.position });
    else {
      const { record, partition } = decoded;
      records.push(record);
      if (partition !== undefined && record.eventTimeMs > (partitions.get(partition) ?? -Infinity))
        partitions.set(partition, record.eventTimeMs);
    }
  }
  return { records, setAside, partitions: Object.fromEntries(partitions) };
}
