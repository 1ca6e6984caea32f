// Decides how a group's stream is consumed: one consumer at a time, shard by shard, page by page; each page written
// first, its position saved last. Leaves to the caller when to read again.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import { ensurePlace } from "../ledger/group-place.ts";
import { acquireLease, releaseLease, renewLease } from "../ledger/lease.ts";
import type { Ports } from "../ports/ports.ts";
import type { StreamPage } from "../ports/stream.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { STREAM_LEASE_MS, streamPageEvents } from "./defaults.ts";
import { addEventCounts, type EventCounts } from "./event-counts.ts";
import { saveSetAside } from "./set-aside-events.ts";
import { addCheckpoint, claimShard, type ShardState, saveShard } from "./shard-state.ts";
import { writeEvents } from "./write-events.ts";
import { addYoungest } from "./youngest-events.ts";

/** The right to consume a group's stream, held by one consumer. */
export interface StreamHold {
  readonly group: FeatureGroup;
  /** Names the consumer among all processes and within its own. */
  readonly consumerId: string;
  readonly token: number;
}

/** What became of the next page of a shard. */
export type PageOutcome =
  | { readonly kind: "done"; readonly counts: EventCounts; readonly atTip: boolean }
  /** Not all could be written; the position stays, and the page comes again. */
  | { readonly kind: "retry"; readonly reason: string }
  | { readonly kind: "idle" };

/** Takes the stream. @throws LeaseHeldError while another consumer has it. */
export async function openStream(ports: Ports, group: FeatureGroup, consumerId: string): Promise<StreamHold> {
  return { group, consumerId, token: await acquireLease(ports, scopeOf(group), consumerId, STREAM_LEASE_MS) };
}

/** To be called every few seconds: a lease that lapsed is another consumer's to take. @throws LeaseLostError when one did. */
export async function keepStream(ports: Ports, { group, token }: StreamHold): Promise<void> {
  await renewLease(ports, scopeOf(group), token, STREAM_LEASE_MS);
}

/** Gives the stream back; what is saved stays. */
export async function closeStream(ports: Ports, { group, token }: StreamHold): Promise<void> {
  await releaseLease(ports.ledger, scopeOf(group), token);
}

const scopeOf = ({ name }: FeatureGroup) => ({ workflow: "stream", group: name });

/**
 * Reads, writes and saves the next page of a shard. Killed anywhere, the page comes again and ends as undisturbed.
 * `number` names the stretch: it rises from call to call. @throws LeaseLostError when another consumer took over,
 * UnavailableError when a store cannot be reached.
 */
export async function consumePage(
  ports: Ports,
  hold: StreamHold,
  shard: string,
  number: number,
): Promise<PageOutcome> {
  const { group, consumerId, token } = hold;
  const state = await claimShard(ports.ledger, group.name, shard, token);
  const readAtMs = ports.clock.now();
  const max = streamPageEvents(ports.settings);
  const page = await ports.streams.get(group.source.name).read(shard, startOf(state), max);
  const seenUntilMs = seenUntil(page, readAtMs);
  const present = noteGap(state, readAtMs, ports.streams.retentionMs);
  if (page.records.length === 0) {
    if (!isWorthNoting(ports, state, seenUntilMs)) return { kind: "idle" };
    await saveShard(ports.ledger, group.name, shard, moveOn(ports, present, seenUntilMs));
    return { kind: "idle" };
  }
  await ensurePlace(ports.ledger, ports.onlineStore, group);
  const stretch = { reader: `${consumerId}-${shard}`, number };
  const written = await writeEvents(ports, group, page.records, stretch, { alsoOffline: true });
  if (written.reason !== undefined) return { kind: "retry", reason: written.reason };
  const { counts, setAside } = written;
  await saveSetAside(ports.ledger, group.name, shard, setAside);
  await saveShard(ports.ledger, group.name, shard, {
    ...moveOn(ports, present, seenUntilMs),
    position: page.records.at(-1)?.position ?? state.position,
    counts: addEventCounts(state.counts, counts),
    greatestEventTimeMs: younger(state.greatestEventTimeMs, written.greatestEventTimeMs),
    partitions: addYoungest(state.partitions, written.partitions),
  });
  return { kind: "done", counts, atTip: page.atTip };
}

const startOf = ({ position }: ShardState) => (position === null ? "oldest" : { after: position });

/** At the tip, all that had arrived when the page was asked for; else all up to its last event. */
function seenUntil({ records, atTip }: StreamPage, readAtMs: EpochMs): EpochMs {
  return atTip ? readAtMs : (records.at(-1)?.arrivedAtMs ?? readAtMs);
}

/** What arrived after the last look and is older than the stream keeps may have gone unread. */
function noteGap(state: ShardState, readAtMs: EpochMs, retentionMs: number): ShardState {
  const retainedFromMs = (readAtMs - retentionMs) as EpochMs;
  const { seenUntilMs } = state;
  if (seenUntilMs === null || seenUntilMs >= retainedFromMs) return state;
  return { ...state, gap: { fromMs: seenUntilMs, toMs: retainedFromMs } };
}

function younger(known: EpochMs | null, found: EpochMs | undefined): EpochMs | null {
  if (found === undefined) return known;
  return known === null || found > known ? found : known;
}

function moveOn(ports: Ports, state: ShardState, seenUntilMs: EpochMs): ShardState {
  const { offlineBufferMs } = ports.settings;
  const checkpoint = { atMs: ports.clock.now(), seenUntilMs };
  return {
    ...state,
    seenUntilMs,
    checkpoints: addCheckpoint(state.checkpoints, checkpoint, offlineBufferMs),
  };
}

/** An idle shard's item is written once in a while, not at every look. */
function isWorthNoting(ports: Ports, { seenUntilMs }: ShardState, nextMs: EpochMs): boolean {
  const everyMs = Math.min(ports.settings.offlineBufferMs, ports.streams.retentionMs / 10);
  return seenUntilMs === null || nextMs - seenUntilMs >= everyMs;
}
