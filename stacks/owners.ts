// Decides who the tenants of a stage are: the owners of the groups in features/, and what each owns.

import type { FeatureGroup } from "@steward/core";
import * as features from "@steward/features";

/** In the order of features/index.ts. */
export const GROUPS: readonly FeatureGroup[] = Object.values(features);

/** Ascending, each once. */
export const OWNERS: readonly string[] = [...new Set(GROUPS.map(({ owner }) => owner))].sort();

export function groupsOf(owner: string): readonly FeatureGroup[] {
  return GROUPS.filter((group) => group.owner === owner);
}

/** Whether anything of the owner is about people: then its users and its reader carry the pii tag. */
export function hasPii(owner: string): boolean {
  return groupsOf(owner).some(({ pii }) => pii);
}
