// Decides which groups are watched for freshness, and how old their data may be.

import type { FeatureGroup } from "../definitions/feature-group.ts";

/** A group that is refreshed every hour may miss one refresh before anybody is told. */
const PERIODS_PER_OBJECTIVE = 2;

/** The declared objective, else two periods of the schedule, in milliseconds; undefined for a group that has neither: it is not watched. */
export function objectiveOf({ freshnessMs, scheduleMs }: FeatureGroup): number | undefined {
  return freshnessMs ?? (scheduleMs === undefined ? undefined : PERIODS_PER_OBJECTIVE * scheduleMs);
}

/** Those with an objective, in their order. */
export function watchedGroups(groups: readonly FeatureGroup[]): readonly FeatureGroup[] {
  return groups.filter((group) => objectiveOf(group) !== undefined);
}
