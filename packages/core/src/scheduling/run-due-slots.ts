// Decides which slots are filled now: of every group the oldest that is due and not settled, one at a time, each by one run
// whose as-of is the slot's instant, not the moment at which somebody came to it.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import { readEventTable } from "../ledger/event-table.ts";
import { findBegun } from "../ledger/lease.ts";
import type { ControlPorts } from "../ports/ports.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { attendClaim, begin, isGroupHeld } from "./attend-claim.ts";
import { listWaitingFiles } from "./bookmark.ts";
import { lastSlotAt, type Schedule, scheduleOf } from "./schedule.ts";
import { type DueSlots, ensureCursor, findDueSlots, moveCursor, type ReadCursor } from "./slot-cursor.ts";

/** What a look did for a group; a group for which nothing was to be done is not named. */
export type SlotOutcome =
  | {
      readonly group: string;
      readonly kind: "begun" | "continued";
      readonly slotMs: EpochMs;
      readonly runId: string;
    }
  /** So many missed slots, the oldest, stay unfilled. */
  | { readonly group: string; readonly kind: "skipped"; readonly count: number }
  /** The look at this group failed; the next one tries again. */
  | { readonly group: string; readonly kind: "failed"; readonly error: unknown };

/** Scheduled refreshes at work at once: after a downtime every group is due, and they share one machine and its stores. */
export const MAX_RUNS_AT_ONCE = 4;

interface Look {
  readonly ports: ControlPorts;
  readonly nowMs: EpochMs;
  readonly outcomes: SlotOutcome[];
}
interface Candidate {
  readonly group: FeatureGroup;
  readonly schedule: Schedule;
  readonly cursor: ReadCursor;
}

/**
 * Looks once at all schedules and returns when the runs that are due have begun, not when they have ended. Call it again
 * and again, from any number of processes: a slot has one run. A group that fails does not keep the others from theirs.
 */
export async function runDueSlots(ports: ControlPorts): Promise<readonly SlotOutcome[]> {
  const look: Look = { ports, nowMs: ports.clock.now(), outcomes: [] };
  const free: Candidate[] = [];
  let atWork = 0;
  for (const group of ports.definitions.list()) {
    const schedule = scheduleOf(group);
    if (schedule === undefined) continue;
    const cursor = await guarded(look, group, () => settle(look, group));
    if (cursor === undefined || cursor.claim !== null) atWork += 1;
    else free.push({ group, schedule, cursor });
  }
  // Whoever has waited longest comes first.
  for (const candidate of free.toSorted((left, right) => left.cursor.throughMs - right.cursor.throughMs)) {
    if (atWork >= MAX_RUNS_AT_ONCE) break;
    if (await guarded(look, candidate.group, () => fillNext(look, candidate))) atWork += 1;
  }
  return look.outcomes;
}

/** The cursor once the slot that was being filled is done; with its claim while it is not. */
async function settle(look: Look, { name }: FeatureGroup): Promise<ReadCursor | undefined> {
  const { ports, nowMs, outcomes } = look;
  const cursor = await ensureCursor(ports.ledger, name, nowMs);
  const { claim } = cursor;
  if (claim === null) return cursor;
  const attendance = await attendClaim(ports, name, cursor, claim);
  if (attendance === "settled")
    return moveCursor(ports.ledger, name, cursor, { throughMs: claim.slotMs, claim: null });
  if (attendance !== "atWork")
    outcomes.push({ group: name, kind: attendance, slotMs: claim.slotMs, runId: claim.runId });
  return cursor;
}

/** Whether a run is now at work on the group's next slot. */
async function fillNext(look: Look, { group, schedule, cursor }: Candidate): Promise<boolean> {
  const { ports, nowMs } = look;
  const { name } = group;
  const begun = await findBegun(ports.ledger, name);
  // A store that is at a later as-of cannot go back: what a person did meanwhile covers the slots before it.
  const coveredMs = begun === undefined ? cursor.throughMs : lastSlotAt(schedule, begun.asOfMs);
  const throughMs = Math.max(cursor.throughMs, coveredMs) as EpochMs;
  const due = findDueSlots(schedule, { throughMs }, nowMs);
  if (due === undefined) return false;
  if (await isWithoutEvents(ports, group)) {
    await moveCursor(ports.ledger, name, cursor, { throughMs: due.lastMs, claim: null });
    return false;
  }
  if (await isGroupHeld(ports, name)) return true;
  return claimAndBegin(look, name, cursor, due, schedule);
}

async function claimAndBegin(
  { ports, outcomes }: Look,
  group: string,
  cursor: ReadCursor,
  { firstMs: slotMs, skippedCount }: DueSlots,
  { periodMs }: Schedule,
): Promise<boolean> {
  const claim = {
    slotMs,
    runId: ports.ids.runId(),
    process: ports.holders.current(),
    claimedAtMs: ports.timer.nowMs(),
  };
  const throughMs = (slotMs - periodMs) as EpochMs;
  if ((await moveCursor(ports.ledger, group, cursor, { throughMs, claim })) === undefined) return true;
  if (skippedCount > 0) outcomes.push({ group, kind: "skipped", count: skippedCount });
  const attendance = await begin(ports, group, claim);
  if (attendance === "begun") outcomes.push({ group, kind: "begun", slotMs, runId: claim.runId });
  return true;
}

/** Nothing was ever handed in for its source: there is nothing to compute, and a store that nobody uses is not made. */
async function isWithoutEvents(ports: ControlPorts, { source }: FeatureGroup): Promise<boolean> {
  if ((await readEventTable(ports.objects, source.name)).files.length > 0) return false;
  return (await listWaitingFiles(ports, source.name)).length === 0;
}

async function guarded<T>(
  { outcomes }: Look,
  { name: group }: FeatureGroup,
  act: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    outcomes.push({ group, kind: "failed", error });
    return undefined;
  }
}
