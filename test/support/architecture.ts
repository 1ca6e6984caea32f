// The project's shape as rules over import lines and text: who may import whom, what core may touch, how a file looks.
// Each rule takes one file and says what is wrong with it, a sentence a fault; none: the file keeps the rule.

import { posix } from "node:path";
import { codeOf, type ImportLine, importsOf, type SourceFile } from "./source-files.ts";

export type Rule = (file: SourceFile) => readonly string[];

/** Parts of the project: where they lie, by what name others import them, and which parts they may import. */
const PARTS = {
  core: { folder: "packages/core/src/", package: "@steward/core", uses: [] },
  adapters: { folder: "packages/adapters/src/", package: "@steward/adapters", uses: ["core"] },
  emulator: { folder: "packages/feature-store-emulator/src/", package: "steward-feature-store", uses: [] },
  workflows: { folder: "workflows/", package: "@steward/workflows", uses: ["core"] },
  features: { folder: "features/", package: "@steward/features", uses: ["core"] },
  functions: { folder: "functions/", package: "@steward/functions", uses: ["core", "adapters"] },
  stacks: {
    folder: "stacks/",
    package: "@steward/stacks",
    uses: ["core", "workflows", "features", "functions"],
  },
  local: {
    folder: "packages/local/src/",
    package: "@steward/local",
    uses: ["core", "adapters", "workflows", "features", "functions", "emulator"],
  },
  cli: {
    folder: "packages/cli/src/",
    package: "steward",
    uses: ["core", "adapters", "workflows", "features", "functions", "emulator", "local"],
  },
} as const satisfies Record<string, { folder: string; package: string; uses: readonly string[] }>;
type Part = keyof typeof PARTS;

/** Core's floors from the ground up; an import goes down, or stays on its floor. */
const FLOORS: readonly (readonly string[])[] = [
  ["time", "errors"],
  ["definitions", "ports"],
  ["ledger", "suppression"],
  ["writing", "erasure", "reading", "streaming", "freshness"],
  ["refresh", "rebuild", "replay"],
  ["control", "scheduling", "remediation"],
];
const WORKFLOWS = new Set(["refresh", "rebuild", "replay", "erasure"]);
const IMPURE = [
  "process.env",
  "Date.now",
  "new Date()",
  "Math.random",
  "performance.now",
  "randomUUID",
  "getRandomValues",
  "setTimeout",
  "console.",
];
/** Folders of adapters that serve the other folders. */
const SHARED_ADAPTERS = new Set(["aws", "sqlite", "process"]);
const PARAMETER_PROPERTY =
  /\bconstructor\s*\((?:[^)]*,)?\s*(?:private|public|protected|readonly)\s+(?:readonly\s+)?\w+\s*[?:=,)]/;
const MAX_LINES = 300;
const MAX_TEST_LINES = 500;
/** An index is an explicit list of names: nobody reads it from end to end. */
const MAX_LIST_LINES = 600;
const MAX_HANDLER_LINES = 60;
const CONFIG_FILES = new Set(["vitest.config.ts", "sst.config.ts"]);

/** stacks → workflows → core ← adapters ← functions; features → core; local and cli use all; the emulator stands alone. */
export const importsOnlyWhatItMay: Rule = (file) => {
  const from = partOf(file.path);
  if (from === undefined) return [];
  return importsOf(file).flatMap(({ specifier }) => {
    const to = targetOf(file, specifier);
    if (to === undefined && isOutside(file, specifier))
      return [`${file.path}: ${from} imports ${specifier}, which is no part of it`];
    if (to === undefined || to === from) return [];
    if (!(PARTS[from].uses as readonly Part[]).includes(to))
      return [`${file.path}: ${from} must not import ${to} (${specifier})`];
    return specifier.startsWith(".") ? [`${file.path}: ${to} is imported by its name, not by a path`] : [];
  });
};

/** control scheduling remediation | refresh rebuild replay | writing erasure reading … | ledger suppression | definitions ports | time errors. */
export const staysOnItsFloor: Rule = (file) => {
  const from = coreFolderOf(file.path);
  if (from === undefined) return [];
  if (floorOf(from) < 0) return [`${file.path}: core/${from} stands on no floor`];
  return importsOf(file).flatMap((line) => {
    const to = coreFolderOf(resolve(file, line.specifier));
    if (to === undefined || to === from) return [];
    const fault = floorFault(from, to, line);
    return fault === undefined ? [] : [`${file.path}: core/${from} must not import core/${to}: ${fault}`];
  });
};

function floorFault(from: string, to: string, { isTypeOnly }: ImportLine): string | undefined {
  if (floorOf(to) > floorOf(from)) return "it stands higher";
  if (WORKFLOWS.has(from) && WORKFLOWS.has(to)) return "both are workflows";
  const isBetweenWords = FLOORS[1]?.includes(from) && FLOORS[1].includes(to);
  return isBetweenWords && !isTypeOnly ? "definitions and ports share types alone" : undefined;
}

/** Core is zod and itself: no AWS, no environment, no clock, no randomness. */
export const keepsCorePure: Rule = (file) => {
  if (partOf(file.path) !== "core") return [];
  const code = codeOf(file);
  return [
    ...importsOf(file)
      .filter(({ specifier }) => !specifier.startsWith(".") && specifier !== "zod")
      .map(({ specifier }) => `${file.path}: core imports ${specifier}`),
    ...IMPURE.filter((word) => code.includes(word)).map((word) => `${file.path}: core uses ${word}`),
  ];
};

/** An adapter knows core and what all adapters share, never another adapter. */
export const keepsAdaptersApart: Rule = (file) => {
  const from = folderWithin("adapters", file.path);
  if (from === undefined) return [];
  return importsOf(file).flatMap(({ specifier }) => {
    const to = folderWithin("adapters", resolve(file, specifier));
    if (to === undefined || to === from || SHARED_ADAPTERS.has(to)) return [];
    return [`${file.path}: the adapter ${from} must not import the adapter ${to}`];
  });
};

/** Named exports only, listed one by one; relative imports name the file; nothing that Node cannot erase. */
export const keepsModuleShape: Rule = (file) => {
  const code = codeOf(file);
  const faults: [boolean, string][] = [
    [!CONFIG_FILES.has(file.path) && /^\s*export\s+default\b|\bas\s+default\b/m.test(code), "default export"],
    [/^\s*export\s+\*/m.test(code), "export *"],
    [posix.basename(file.path) === "utils.ts", "a file named utils.ts says nothing of what it decides"],
    [/^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?enum\s+\w/m.test(code), "enum"],
    [PARAMETER_PROPERTY.test(code), "parameter property"],
    ...importsOf(file)
      .filter(({ specifier }) => specifier.startsWith(".") && !/\.(?:ts|json)$/.test(specifier))
      .map(({ specifier }): [boolean, string] => [true, `import "${specifier}" must end in .ts`]),
  ];
  return faults.filter(([isBroken]) => isBroken).map(([, fault]) => `${file.path}: ${fault}`);
};

/** Product files open with what they decide. */
export const beginsWithItsHeader: Rule = (file) => {
  if (file.path.startsWith("test/") || CONFIG_FILES.has(file.path)) return [];
  const isHeaded = /^(?:#![^\n]*\n)?\/\/ \S/.test(file.text);
  return isHeaded ? [] : [`${file.path}: the first line does not say what the module decides`];
};

export const staysShort: Rule = (file) => {
  const lines = file.text.split("\n").length - 1;
  const max = maxLines(file.path);
  return lines > max ? [`${file.path}: ${lines} lines, more than ${max}`] : [];
};

function maxLines(path: string): number {
  if (path.startsWith("test/")) return MAX_TEST_LINES;
  if (posix.basename(path) === "index.ts") return MAX_LIST_LINES;
  return /^functions\/(?!_)/.test(path) ? MAX_HANDLER_LINES : MAX_LINES;
}

function partOf(path: string): Part | undefined {
  if (path === "sst.config.ts") return "stacks";
  return (Object.keys(PARTS) as Part[]).find((part) => path.startsWith(PARTS[part].folder));
}

/** The part that an import leads to; undefined: somebody else's package, or no part. */
function targetOf(file: SourceFile, specifier: string): Part | undefined {
  if (specifier.startsWith(".")) return partOf(resolve(file, specifier));
  return (Object.keys(PARTS) as Part[]).find(
    (part) => specifier === PARTS[part].package || specifier.startsWith(`${PARTS[part].package}/`),
  );
}

/** A relative import of a part that leads to no part: test/, bench/ or scripts/. */
function isOutside(file: SourceFile, specifier: string): boolean {
  return specifier.startsWith(".") && !resolve(file, specifier).endsWith("package.json");
}

function resolve(file: SourceFile, specifier: string): string {
  return specifier.startsWith(".") ? posix.join(posix.dirname(file.path), specifier) : specifier;
}

function coreFolderOf(path: string): string | undefined {
  return folderWithin("core", path);
}

/** The folder of a file inside its part; undefined: a file at the part's top, or another part. */
function folderWithin(part: Part, path: string): string | undefined {
  if (!path.startsWith(PARTS[part].folder)) return undefined;
  const rest = path.slice(PARTS[part].folder.length);
  return rest.includes("/") ? rest.slice(0, rest.indexOf("/")) : undefined;
}

function floorOf(folder: string): number {
  return FLOORS.findIndex((floor) => floor.includes(folder));
}
