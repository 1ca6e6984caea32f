// Decides how retained events are read again, from an instant to where the stream stood at the beginning: page by page
// through the same writing as the consumer's, its own place noted in a document, the consumer's place untouched.

import { z } from "zod";
import type { FeatureGroup } from "../definitions/feature-group.ts";
import { UnavailableError } from "../errors/steward-error.ts";
import { ensurePlace } from "../ledger/group-place.ts";
import { requireHold } from "../ledger/hold.ts";
import { findJson, putJson } from "../ledger/json-object.ts";
import type { RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import type { StreamPage } from "../ports/stream.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { atPaceOf } from "../writing/write-chunk.ts";
import { streamPageEvents } from "./defaults.ts";
import { addEventCounts, type EventCounts, eventCounts, NO_EVENT_COUNTS } from "./event-counts.ts";
import { type WriteEventsOptions, writeEvents } from "./write-events.ts";

const epochMs = z.number().transform((value) => value as EpochMs);
export const readingDocument = z.object({
  /** Arrivals of [fromMs, untilMs]. */
  fromMs: epochMs,
  untilMs: epochMs,
  /** Younger than `fromMs`: what arrived before it was gone from the stream; null: nothing was. */
  goneBeforeMs: epochMs.nullable(),
  /** By shard: the last event that is dealt with, null: none yet; and whether all is. */
  shards: z.record(z.string(), z.object({ position: z.string().nullable(), done: z.boolean() })),
  counts: eventCounts,
});
/** Where a replay notes how far it is. */
export const readingKey = ({ runId, attempt }: RunRef): string => `runs/${runId}/${attempt}/reading.json`;
export type Reading = Readonly<z.infer<typeof readingDocument>>;

export interface ReadAgainJob extends WriteEventsOptions {
  /** Where the document lies. */
  readonly key: string;
  readonly fromMs: EpochMs;
  /** Called again until `done`; one call takes about so long. */
  readonly patienceMs: number;
}

/** Killed anywhere, the pages since the document was last put come again, and count once. @throws UnavailableError when some could not be written. */
export async function readAgain(
  ports: Ports,
  ref: RunRef,
  job: ReadAgainJob,
): Promise<{ readonly done: boolean; readonly read: number }> {
  const { group } = await requireHold(ports, ref);
  await ensurePlace(ports.ledger, ports.onlineStore, group);
  let reading =
    (await findJson(ports.objects, job.key, readingDocument))?.value ??
    (await beginReading(ports, group, job));
  const untilMs = ports.timer.nowMs() + job.patienceMs;
  try {
    for (let shard = nextShard(reading); shard !== undefined; shard = nextShard(reading)) {
      reading = await readPage(ports, ref, job, reading, shard);
      if (ports.timer.nowMs() >= untilMs) break;
    }
  } finally {
    await putJson(ports.objects, job.key, reading);
  }
  return { done: nextShard(reading) === undefined, read: reading.counts.read };
}

/** Arrivals of that age are gone from the stream; null where nothing that is asked for can be. */
export function goneBefore(ports: Pick<Ports, "clock" | "streams">, fromMs: EpochMs): EpochMs | null {
  const retainedFromMs = (ports.clock.now() - ports.streams.retentionMs) as EpochMs;
  return fromMs < retainedFromMs ? retainedFromMs : null;
}

async function beginReading(ports: Ports, group: FeatureGroup, { fromMs }: ReadAgainJob): Promise<Reading> {
  const shards = await ports.streams.get(group.source.name).listShards();
  return {
    fromMs,
    untilMs: ports.clock.now(),
    goneBeforeMs: goneBefore(ports, fromMs),
    shards: Object.fromEntries(shards.map((shard) => [shard, { position: null, done: false }])),
    counts: NO_EVENT_COUNTS,
  };
}

const nextShard = ({ shards }: Reading): string | undefined =>
  Object.keys(shards).find((shard) => shards[shard]?.done === false);

async function readPage(
  ports: Ports,
  ref: RunRef,
  job: ReadAgainJob,
  reading: Reading,
  shard: string,
): Promise<Reading> {
  const { run, group } = await requireHold(ports, ref);
  const paced = atPaceOf(run, ports);
  const position = reading.shards[shard]?.position ?? null;
  const start = position === null ? { arrivedAtMs: reading.fromMs } : { after: position };
  const page = await ports.streams
    .get(group.source.name)
    .read(shard, start, streamPageEvents(paced.settings));
  const events = page.records.filter(({ arrivedAtMs }) => arrivedAtMs <= reading.untilMs);
  const counts = await writePage(paced, group, ref, job, shard, events);
  const place = {
    position: events.at(-1)?.position ?? position,
    done: page.atTip || events.length < page.records.length,
  };
  return {
    ...reading,
    shards: { ...reading.shards, [shard]: place },
    counts: addEventCounts(reading.counts, counts),
  };
}

async function writePage(
  ports: Ports,
  group: FeatureGroup,
  ref: RunRef,
  job: ReadAgainJob,
  shard: string,
  events: StreamPage["records"],
): Promise<EventCounts> {
  if (events.length === 0) return NO_EVENT_COUNTS;
  // Named by the time: a stretch that was killed stays registered under its own name until somebody ends it.
  const stretch = {
    reader: `${ref.runId}-${ref.attempt}-${shard}`,
    number: Math.floor(ports.timer.nowMs()),
  };
  const { counts, reason } = await writeEvents(ports, group, events, stretch, job);
  if (reason !== undefined)
    throw new UnavailableError(`events of "${group.name}" could not be written (${reason})`);
  return counts;
}
