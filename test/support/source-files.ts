// Reads the project's TypeScript as text: its files, and what each of them imports.

import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

export interface SourceFile {
  /** From the project's root, with slashes. */
  readonly path: string;
  readonly text: string;
}

export interface ImportLine {
  readonly specifier: string;
  /** True when nothing of it is left at run time. */
  readonly isTypeOnly: boolean;
}

const SKIPPED = new Set(["node_modules", "coverage", "sst-env.d.ts"]);
const STATIC_IMPORT = /^[ \t]*(?:import|export)\s(?<type>type\s)?[^;"'`]*?from\s*"(?<specifier>[^"]+)"/gm;
const BARE_IMPORT = /^[ \t]*import\s*"(?<specifier>[^"]+)"/gm;
const DYNAMIC_IMPORT = /\bimport\(\s*"(?<specifier>[^"]+)"/g;

/** Every `.ts` file of the project, ascending by path; folders that begin with a dot, and what SST generates, are left out. */
export function readSourceFiles(root: string, folder = ""): readonly SourceFile[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries
    .filter(({ name }) => !name.startsWith(".") && !SKIPPED.has(name))
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) return readSourceFiles(root, path);
      return entry.name.endsWith(".ts") ? [{ path, text: readFileSync(join(root, path), "utf8") }] : [];
    });
}

/** What the file imports or exports from elsewhere, dynamic imports of a literal included. */
export function importsOf({ text }: SourceFile): readonly ImportLine[] {
  return [STATIC_IMPORT, BARE_IMPORT, DYNAMIC_IMPORT].flatMap((pattern) =>
    [...text.matchAll(pattern)].flatMap(({ groups }) =>
      groups?.specifier === undefined
        ? []
        : [{ specifier: groups.specifier, isTypeOnly: groups.type !== undefined }],
    ),
  );
}

/** The text without comments and what stands in double quotes: a sentence about a rule does not break it. */
export function codeOf({ text }: SourceFile): string {
  return text
    .replace(/"(?:[^"\\\n]|\\.)*"/g, '""')
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/(^|\s)\/\/.*$/gm, "$1");
}
