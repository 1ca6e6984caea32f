// Decides how versions leave the folder: by a removal that a kill only delays, and what no row of the index names.
// Leaves which versions are to go to the caller.

import { readdirSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { isErrorCode } from "../error-code.ts";
import type { ObjectIndex } from "./object-index.ts";
import { fromVersionPath, toVersionPath, type VersionName } from "./object-key.ts";

/** Deletes the bytes of versions that are marked as being removed, then their rows. Done again, it changes nothing. */
export function finishRemoval(root: string, index: ObjectIndex, names: readonly VersionName[]): void {
  if (names.length === 0) return;
  const paths = names.map((name) => toVersionPath(root, name));
  for (const path of paths) rmSync(path, { force: true });
  index.write(() => {
    index.drop(names);
    // Under the lock, so that no folder goes that a put has just made for its file.
    for (const path of paths) removeEmptyFolders(root, dirname(path));
  });
}

/**
 * Removes files named like a version that have no row: of puts that were killed, or whose rows a power cut took. They may
 * hold personal data. Anything else in the folder is not the store's to touch. Reads every folder once.
 */
export function removeStrays(root: string, index: ObjectIndex): void {
  const strays = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => isStray(path, index));
  if (strays.length === 0) return;
  index.write(() => {
    for (const path of strays) {
      if (isStray(path, index)) rmSync(join(root, path), { force: true });
    }
  });
}

function isStray(path: string, index: ObjectIndex): boolean {
  const names = fromVersionPath(path);
  return names.length > 0 && !names.some((name) => index.has(name));
}

function removeEmptyFolders(root: string, folder: string): void {
  for (let path = folder; path !== root; path = dirname(path)) {
    try {
      rmdirSync(path);
    } catch (error) {
      if (isErrorCode(error, "ENOTEMPTY", "EEXIST")) return;
      if (!isErrorCode(error, "ENOENT")) throw error;
    }
  }
}
