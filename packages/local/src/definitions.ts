// Decides which feature groups a platform serves: those given, by name, once each.

import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  DefinitionError,
  type Definitions,
  type FeatureGroup,
  InvalidInputError,
  NotFoundError,
} from "@steward/core";

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

/** Imports every .ts, .mts, .mjs and .js file of a folder and collects the feature groups that they export, each once. */
export async function loadGroups(dir: string): Promise<readonly FeatureGroup[]> {
  const groups = new Set<FeatureGroup>();
  for (const file of listModules(dir)) {
    let exported: Record<string, unknown>;
    try {
      exported = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
    } catch (error) {
      if (error instanceof DefinitionError) throw error;
      throw new InvalidInputError(
        `${file} cannot be imported: ${error instanceof Error ? error.message : "no reason given"}`,
        { cause: error },
      );
    }
    for (const value of Object.values(exported)) if (isFeatureGroup(value)) groups.add(value);
  }
  if (groups.size === 0) throw new InvalidInputError(`no file in ${resolve(dir)} exports a feature group`);
  return [...groups];
}

function listModules(dir: string): readonly string[] {
  try {
    return readdirSync(dir)
      .filter((name) => /\.(ts|mts|mjs|js)$/.test(name) && !/\.(test|d)\./.test(name))
      .sort()
      .map((name) => resolve(join(dir, name)));
  } catch (error) {
    throw new InvalidInputError(
      `the folder ${resolve(dir)} cannot be read: give --features a folder of definitions`,
      { cause: error },
    );
  }
}

function isFeatureGroup(value: unknown): value is FeatureGroup {
  return (
    typeof value === "object" &&
    value !== null &&
    "features" in value &&
    "entity" in value &&
    "recordIdentifier" in value
  );
}
