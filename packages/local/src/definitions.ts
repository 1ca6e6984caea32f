// Decides which feature groups a folder of definitions declares: those that its files export.

import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { DefinitionError, type FeatureGroup, InvalidInputError } from "@steward/core";

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
