// Decides how a measure of freshness reads as JSON, for the command line and the API alike.

import { toIso } from "../time/epoch-ms.ts";
import { type GroupFreshness, isLate, SIDES, type Side } from "./measure-freshness.ts";

export interface SideDocument {
  /** Null: it cannot be said, and `reason` says why. */
  readonly ageMs: number | null;
  /** Older than the objective, or of an age that cannot be said. */
  readonly isLate: boolean;
  readonly reason: string | null;
  readonly sampled: number;
  readonly differences: number;
}

export interface FreshnessDocument {
  readonly group: string;
  readonly objectiveMs: number | null;
  readonly measuredAt: string;
  readonly isFresh: boolean;
  /** The partition whose youngest event is oldest; null: nothing was ever consumed, or the source has but one partition. */
  readonly worstPartition: string | null;
  /** The youngest event of the worst partition; null: nothing was ever consumed. */
  readonly consumedUntil: string | null;
  readonly sides: Readonly<Record<Side, SideDocument>>;
}

export function toFreshnessDocument(measured: GroupFreshness): FreshnessDocument {
  const { group, objectiveMs, measuredAtMs, worst, sides } = measured;
  const sideOf = (side: Side): SideDocument => {
    const { ageMs, reason, sampled, differences } = sides[side];
    return {
      ageMs: ageMs ?? null,
      isLate: isLate(measured, side),
      reason: reason ?? null,
      sampled,
      differences,
    };
  };
  return {
    group,
    objectiveMs: objectiveMs ?? null,
    measuredAt: toIso(measuredAtMs),
    isFresh: SIDES.every((side) => !isLate(measured, side)),
    worstPartition: worst?.partition ?? null,
    consumedUntil: worst === undefined ? null : toIso(worst.greatestEventTimeMs),
    sides: { offline: sideOf("offline"), online: sideOf("online"), hot: sideOf("hot") },
  };
}
