// Decides what a worker does with one chunk: read its rows, drop the suppressed and the expired, write the others to
// hot and online store, settle it in the ledger. The one write path: refresh, rebuild and stream all come through here.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import { StewardError, type UnavailableError } from "../errors/steward-error.ts";
import { getRun, type Run, type Target, targetsOf } from "../ledger/run.ts";
import type { KeyedRecord } from "../ports/hot-store.ts";
import type { StagedRecord } from "../ports/offline-files.ts";
import type { Ports } from "../ports/ports.ts";
import { findSuppressed, toHotRecord } from "../suppression/named-subjects.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { type Chunk, type ChunkReference, findChunk, noteOutage, updateChunk } from "./chunk.ts";
import { countOutcomes, type Outcome, overallOutcome, type StoreCounts, uniformCounts } from "./counts.ts";
import { writeHot } from "./write-hot.ts";
import { writeOnline } from "./write-online.ts";

/** `settled`: the message may go. `stale`: its run writes no more; the message may go. `retry`: deliver it again. */
export type ChunkResult =
  | { readonly kind: "settled" }
  | { readonly kind: "stale" }
  | { readonly kind: "retry"; readonly reason: string };

const UNAVAILABLE: UnavailableError["name"] = "UnavailableError";

/**
 * Writes one chunk; done twice equals once. On the last delivery (`isLastDelivery`) a chunk that does not settle is
 * marked failed, so that it stands in the ledger as well as in the dead letters.
 */
export async function writeChunk(
  ports: Ports,
  reference: ChunkReference,
  delivery: { readonly deadlineMs: number; readonly isLastDelivery: boolean },
): Promise<ChunkResult> {
  const chunk = await findChunk(ports.ledger, reference, reference.chunk);
  const run = await getRun(ports.ledger, reference.runId);
  const isPresent = run.attempt === reference.attempt && run.redrives === reference.redrives;
  if (chunk === undefined || !isPresent || run.status !== "running") return { kind: "stale" };
  if (chunk.status === "settled") return { kind: "settled" };
  const group = ports.definitions.get(reference.group);
  const { counts, reason } = await tryWrite(atPaceOf(run, ports), group, chunk, {
    deadlineMs: delivery.deadlineMs,
    targets: targetsOf(run),
  });
  if (reason === undefined) {
    await updateChunk(ports.ledger, reference, chunk.number, { status: "settled", counts, reason: null });
    return { kind: "settled" };
  }
  if (delivery.isLastDelivery)
    await updateChunk(ports.ledger, reference, chunk.number, { status: "failed", counts, reason });
  else if (reason === UNAVAILABLE) await noteOutage(ports.ledger, reference, chunk.number);
  return { kind: "retry", reason };
}

export interface Written {
  readonly counts: StoreCounts;
  readonly reason: string | undefined;
}

/** The pace is the run's, whichever process happens to write its chunks. */
export function atPaceOf(run: Run, ports: Ports): Ports {
  return {
    ...ports,
    settings: { ...ports.settings, unitsPerSecond: run.unitsPerSecond ?? ports.settings.unitsPerSecond },
  };
}

async function tryWrite(
  ports: Ports,
  group: FeatureGroup,
  chunk: Chunk,
  options: WriteOptions,
): Promise<Written> {
  try {
    const { key, fromRow, rowCount, checksum } = chunk;
    const records = await ports.offlineFiles.readRows(group, key, fromRow, rowCount, checksum);
    return await writeRecords(ports, group, records, options);
  } catch (error) {
    if (!(error instanceof StewardError)) throw error;
    return { counts: uniformCounts(chunk.rowCount, "failed", options.targets), reason: error.name };
  }
}

export interface WriteOptions {
  /** No call starts later. */
  readonly deadlineMs: number;
  readonly targets: readonly Target[];
  /** Records written online become rows of the offline store as well: what a batch run has published itself must not. */
  readonly alsoOffline?: boolean;
}

/** Writes records of one group to the stores; one outcome a record and store. */
export async function writeRecords(
  ports: Ports,
  group: FeatureGroup,
  records: readonly StagedRecord[],
  { deadlineMs, targets, alsoOffline = false }: WriteOptions,
): Promise<Written> {
  const keyed = records.map((record) => ({
    record,
    pseudonym: record.pseudonym ?? ports.pseudonymiser.pseudonym(group.entity.name, record.recordId),
  }));
  const held = await outcomesBeforeWriting(ports, group, keyed);
  const open = keyed.filter((_, index) => held[index] === undefined);
  const toOnline = open.map(({ record }) => record);
  const toHot = open.map((keyed) => {
    const record = toHotRecord(ports.pseudonymiser, group, keyed.record);
    return record === keyed.record ? keyed : { pseudonym: keyed.pseudonym, record };
  });
  const [hot, online] = await allEnded(
    targets.includes("hot") ? writeHot(ports, group, toHot, deadlineMs) : undefined,
    targets.includes("online") ? writeOnline(ports, group, toOnline, deadlineMs, { alsoOffline }) : undefined,
  );
  const outcomes = {
    hot: hot === undefined ? undefined : merge(held, hot),
    online: online === undefined ? undefined : merge(held, online.outcomes),
  };
  const written = targets.map((target) => outcomes[target] ?? []);
  const [only = []] = written;
  const overall =
    written.length === 1
      ? only
      : held.map((_, index) => overallOutcome(written.map((some) => some[index] ?? "failed")));
  return {
    counts: {
      overall: countOutcomes(overall),
      hot: countOutcomes(outcomes.hot ?? []),
      online: countOutcomes(outcomes.online ?? []),
    },
    reason: online?.reason ?? (overall.includes("failed") ? "WriteFailed" : undefined),
  };
}

/** Both, even where one failed: whoever is told of the failure may count on nothing being under way. */
async function allEnded<A, B>(first: Promise<A> | undefined, second: Promise<B> | undefined) {
  await Promise.allSettled([first, second]);
  return Promise.all([first, second]);
}

/** What was decided before writing, and, for the others in order, what the store said. */
function merge(held: readonly (Outcome | undefined)[], written: readonly Outcome[]): readonly Outcome[] {
  let next = 0;
  return held.map((outcome) => outcome ?? written[next++] ?? "failed");
}

/** Suppressions are read after the message was received: whoever suppresses later waits for this worker's longest life. */
async function outcomesBeforeWriting(
  ports: Ports,
  group: FeatureGroup,
  records: readonly KeyedRecord[],
): Promise<readonly (Outcome | undefined)[]> {
  const isSuppressed = await findSuppressed(ports, group, records);
  const nowMs = ports.clock.now();
  return records.map(({ record }, index) => {
    if (isSuppressed[index]) return "suppressed";
    return isExpired(group, record.eventTimeMs, nowMs) ? "expired" : undefined;
  });
}

/** Past its life, a value is not written, and need not be there. */
export function isExpired(group: FeatureGroup, eventTimeMs: EpochMs, nowMs: EpochMs): boolean {
  return group.ttlMs !== undefined && eventTimeMs + group.ttlMs <= nowMs;
}
