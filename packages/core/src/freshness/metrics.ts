// Decides by which metrics freshness is told: names and dimensions, the same for whoever puts them and the alarms on them.

import type { MetricQuery } from "../ports/metric-history.ts";
import type { MetricPoint } from "../ports/metrics.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { type GroupFreshness, SIDES, type Side } from "./measure-freshness.ts";

export const CHECKER = "freshness-checker";

/** Seconds since the youngest raw event consumed; no point where that cannot be said, and a missing point is an alarm. */
export const freshnessAge = (group: string, side: Side): MetricQuery => ({
  name: "FreshnessAge",
  dimensions: { group, side },
});
/** Sampled records that a store does not hold as the offline store has them; no point where it does not answer. */
export const sampleDifferences = (group: string, side: Side): MetricQuery => ({
  name: "SampleDifferences",
  dimensions: { group, side },
});
/** Seconds since the oldest arrival that was not taken in yet; 0 at the tip of every shard. */
export const streamBehind = (group: string): MetricQuery => ({ name: "StreamBehind", dimensions: { group } });
/** 1 at each check that was made. */
export const CHECKER_HEARTBEAT: MetricQuery = {
  name: "CheckerHeartbeat",
  dimensions: { component: CHECKER },
};

export function toPoints(measured: GroupFreshness): readonly MetricPoint[] {
  const { group, measuredAtMs: atMs, sides } = measured;
  return SIDES.flatMap((side) => {
    const { ageMs, differences, isAway } = sides[side];
    const age: readonly MetricPoint[] =
      ageMs === undefined
        ? []
        : [{ ...freshnessAge(group, side), value: ageMs / 1_000, unit: "Seconds", atMs }];
    if (side === "offline" || isAway === true) return age;
    return [...age, { ...sampleDifferences(group, side), value: differences, unit: "Count", atMs }];
  });
}

export function toStreamPoint(group: string, behindMs: number, atMs: EpochMs): MetricPoint {
  return { ...streamBehind(group), value: behindMs / 1_000, unit: "Seconds", atMs };
}

export function toHeartbeat(atMs: EpochMs): MetricPoint {
  return { ...CHECKER_HEARTBEAT, value: 1, unit: "Count", atMs };
}
