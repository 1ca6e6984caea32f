// Decides how far the slots of a group are settled, and which one is being filled: one item a group, so that a slot is
// claimed by one conditional write and by nobody else, however many processes look.

import { z } from "zod";
import type { Ledger, LedgerBody, LedgerItem, LedgerKey } from "../ports/ledger.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { lastSlotAt, nextSlotAfter, type Schedule } from "./schedule.ts";

const epochMs = z.number().transform((value) => value as EpochMs);
const claimBody = z.object({
  slotMs: epochMs,
  /** Chosen with the claim: whoever begins the run, begins this one. */
  runId: z.string(),
  /** Who begins it, and since when (real time). */
  process: z.string(),
  claimedAtMs: z.number(),
});
export type Claim = Readonly<z.infer<typeof claimBody>>;

const cursorBody = z.object({
  /** Slots at or before this are settled: filled, covered or skipped. */
  throughMs: epochMs,
  /** The slot that is being filled; null: none. */
  claim: claimBody.nullable(),
});
export type Cursor = Readonly<z.infer<typeof cursorBody>>;
/** A cursor as it was read: a change applies to it in this version only. */
export interface ReadCursor extends Cursor {
  readonly version: number;
}

/** Slots that are filled after a downtime; of a longer one the oldest are left out. */
export const MAX_FILLED_SLOTS = 24;

export interface DueSlots {
  readonly firstMs: EpochMs;
  readonly lastMs: EpochMs;
  /** Older slots that nobody will fill. */
  readonly skippedCount: number;
}

const cursorKey = (group: string): LedgerKey => ({ partition: "schedules", sort: group });

export async function findCursor(ledger: Ledger, group: string): Promise<ReadCursor | undefined> {
  const item = await ledger.find(cursorKey(group));
  return item === undefined ? undefined : fromItem(item);
}

/** The cursor, begun at this instant where the group is seen for the first time: no slot before it is missed. */
export async function ensureCursor(ledger: Ledger, group: string, nowMs: EpochMs): Promise<ReadCursor> {
  const found = await findCursor(ledger, group);
  if (found !== undefined) return found;
  const begun: Cursor = { throughMs: nowMs, claim: null };
  const outcome = await ledger.put(cursorKey(group), toBody(begun), "absent");
  if (outcome.kind === "applied") return { ...begun, version: outcome.version };
  return ensureCursor(ledger, group, nowMs);
}

/** The cursor as it then is; undefined: another process changed it first. */
export async function moveCursor(
  ledger: Ledger,
  group: string,
  from: ReadCursor,
  to: Cursor,
): Promise<ReadCursor | undefined> {
  const outcome = await ledger.put(cursorKey(group), toBody(to), { version: from.version });
  if (outcome.kind === "conflict") return undefined;
  return { throughMs: to.throughMs, claim: to.claim, version: outcome.version };
}

/** Slots after the cursor and not after now; undefined: none. */
export function findDueSlots(
  schedule: Schedule,
  { throughMs }: Pick<Cursor, "throughMs">,
  nowMs: EpochMs,
): DueSlots | undefined {
  const oldestMs = nextSlotAfter(schedule, throughMs);
  const lastMs = lastSlotAt(schedule, nowMs);
  if (lastMs < oldestMs) return undefined;
  const count = (lastMs - oldestMs) / schedule.periodMs + 1;
  const skippedCount = Math.max(0, count - MAX_FILLED_SLOTS);
  return { firstMs: (oldestMs + skippedCount * schedule.periodMs) as EpochMs, lastMs, skippedCount };
}

const toBody = ({ throughMs, claim }: Cursor): LedgerBody => ({ throughMs, claim });
const fromItem = ({ body, version }: LedgerItem): ReadCursor => ({ ...cursorBody.parse(body), version });
