// Decides whether the files that a command is given can be read, before anything starts.

import { accessSync, constants, statSync } from "node:fs";
import { resolve } from "node:path";

/** Full paths, each once: by them the event table knows a file. @throws InvalidInputError naming the file, and what an empty one needs. */
export async function checkInputFiles(
  paths: readonly string[],
  needs = "a header and rows",
): Promise<readonly string[]> {
  const { InvalidInputError } = await import("@steward/core");
  return [...new Set(paths.map((path) => resolve(path)))].map((path) => {
    const problem = problemOf(path, needs);
    if (problem !== undefined) throw new InvalidInputError(`input file ${path} ${problem}`);
    return path;
  });
}

function problemOf(path: string, needs: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return "does not exist";
  if (found.isDirectory()) return "is a folder: name the files in it";
  if (!found.isFile()) return "is not a file";
  if (found.size === 0) return `is empty: it needs ${needs}`;
  try {
    accessSync(path, constants.R_OK);
    return undefined;
  } catch {
    return "may not be read by this user";
  }
}
