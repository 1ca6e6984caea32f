// Decides where files are dropped on a laptop: a folder a source that batch runs read, for its owner alone, since what
// lies there names people.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { FeatureGroup } from "@steward/core";
import type { StateFolder } from "./state-folder.ts";

export interface DropFolder {
  readonly source: string;
  readonly path: string;
}

/** Makes the folders where they are not; each source once, by name. */
export function ensureDropFolders(
  { incoming }: Pick<StateFolder, "incoming">,
  groups: readonly FeatureGroup[],
): readonly DropFolder[] {
  const names = groups.filter(({ path }) => path === "batch").map(({ source }) => source.name);
  return [...new Set(names)].sort().map((source) => {
    const path = join(incoming, source);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return { source, path };
  });
}
