// Decides how outcomes are counted, and that counts balance: every planned record ends in exactly one outcome.

import { z } from "zod";

export const OUTCOMES = ["written", "newerKept", "suppressed", "expired", "failed"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** planned = written + newerKept + suppressed + expired + failed, once all is settled. */
export type Counts = Readonly<Record<"planned" | Outcome, number>>;

/** Counts as the ledger keeps them. */
export const countsSchema = z.object({
  planned: z.number(),
  written: z.number(),
  newerKept: z.number(),
  suppressed: z.number(),
  expired: z.number(),
  failed: z.number(),
});

export const NO_COUNTS: Counts = {
  planned: 0,
  written: 0,
  newerKept: 0,
  suppressed: 0,
  expired: 0,
  failed: 0,
};

/** Commutative and associative, with NO_COUNTS as its zero. */
export function addCounts(left: Counts, right: Counts): Counts {
  return {
    planned: left.planned + right.planned,
    written: left.written + right.written,
    newerKept: left.newerKept + right.newerKept,
    suppressed: left.suppressed + right.suppressed,
    expired: left.expired + right.expired,
    failed: left.failed + right.failed,
  };
}

export function countOutcomes(outcomes: readonly Outcome[]): Counts {
  const counts = { ...NO_COUNTS, planned: outcomes.length };
  for (const outcome of outcomes) counts[outcome] += 1;
  return counts;
}

export function isBalanced(counts: Counts): boolean {
  return counts.planned === OUTCOMES.reduce((total, outcome) => total + counts[outcome], 0);
}

/** Closes the counts of a run that has ended: a record without an outcome has failed, for nobody will write it now. */
export function settleCounts(counts: Counts, planned: number): Counts {
  const open = planned - OUTCOMES.reduce((total, outcome) => total + counts[outcome], 0);
  const settled = { ...counts, planned, failed: counts.failed + open };
  if (open < 0 || !isBalanced(settled))
    throw new RangeError(`counts do not balance: ${planned} planned, ${planned - open} with an outcome`);
  return settled;
}

/** What became of a record over all stores: the outcome that most needs a reader's eye. */
const PRECEDENCE: readonly Outcome[] = ["failed", "suppressed", "expired", "newerKept", "written"];
export function overallOutcome(outcomes: readonly Outcome[]): Outcome {
  return PRECEDENCE.find((outcome) => outcomes.includes(outcome)) ?? "written";
}

/** The counts of one chunk or run: over all stores, and of each. */
export interface StoreCounts {
  readonly overall: Counts;
  readonly online: Counts;
  readonly hot: Counts;
}

export const NO_STORE_COUNTS: StoreCounts = { overall: NO_COUNTS, online: NO_COUNTS, hot: NO_COUNTS };

/** Of records that have one outcome and the same in each store that is written. */
export function uniformCounts(
  recordCount: number,
  outcome: Outcome,
  targets: readonly ("online" | "hot")[],
): StoreCounts {
  const counts = { ...NO_COUNTS, planned: recordCount, [outcome]: recordCount };
  return {
    overall: counts,
    online: targets.includes("online") ? counts : NO_COUNTS,
    hot: targets.includes("hot") ? counts : NO_COUNTS,
  };
}

export function addStoreCounts(left: StoreCounts, right: StoreCounts): StoreCounts {
  return {
    overall: addCounts(left.overall, right.overall),
    online: addCounts(left.online, right.online),
    hot: addCounts(left.hot, right.hot),
  };
}
