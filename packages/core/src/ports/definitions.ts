// The feature groups that this platform serves.

import type { FeatureGroup } from "../definitions/feature-group.ts";

export interface Definitions {
  /** @throws NotFoundError naming the groups that there are. */
  get(name: string): FeatureGroup;
  /** All groups, ascending by name. */
  list(): readonly FeatureGroup[];
}
