// Decides which feature groups a platform serves: those given, by name, once each.

import { DefinitionError, NotFoundError } from "../errors/steward-error.ts";
import type { Definitions } from "../ports/definitions.ts";
import type { FeatureGroup } from "./feature-group.ts";

export class GroupList implements Definitions {
  readonly #groups: ReadonlyMap<string, FeatureGroup>;

  /** @throws DefinitionError when two groups share a name. */
  constructor(groups: readonly FeatureGroup[]) {
    const byName = new Map<string, FeatureGroup>();
    for (const group of groups) {
      if (byName.has(group.name)) throw new DefinitionError(`two feature groups are named "${group.name}"`);
      byName.set(group.name, group);
    }
    this.#groups = new Map([...byName].sort(([left], [right]) => (left < right ? -1 : 1)));
  }

  get(name: string): FeatureGroup {
    const group = this.#groups.get(name);
    if (group === undefined) {
      throw new NotFoundError(
        `there is no feature group "${name}"; there are: ${[...this.#groups.keys()].join(", ") || "none"}`,
      );
    }
    return group;
  }

  list(): readonly FeatureGroup[] {
    return [...this.#groups.values()];
  }
}
