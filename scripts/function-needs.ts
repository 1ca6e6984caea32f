// Writes stacks/needs.json: of each function, the ports that its code reaches and what it calls of them, read off its own
// bundle. Roles and entries of a deployment are made from it: nobody grants by hand.

import { globSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { rolldown } from "rolldown";
import type { ControlPorts } from "../packages/core/src/index.ts";

export type Needs = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
type PortMethods = {
  readonly [P in Exclude<keyof ControlPorts, LocalPort>]: Readonly<Record<MethodName<ControlPorts[P]>, true>>;
};
/** What is there without asking anybody: a clock, names, settings. */
type LocalPort = "clock" | "definitions" | "holders" | "ids" | "settings" | "timer";
type MethodName<Port> = {
  [K in keyof Port]: Port[K] extends (...given: never[]) => unknown ? K : never;
}[keyof Port];

const METHODS: PortMethods = {
  batchEngine: {
    inspect: true,
    append: true,
    listSetAside: true,
    replaySetAside: true,
    compute: true,
    snapshot: true,
    measureSnapshot: true,
  },
  chunkQueue: {
    send: true,
    receive: true,
    acknowledge: true,
    release: true,
    listDeadLetters: true,
    redrive: true,
    depth: true,
  },
  erasureFiles: { count: true, countEach: true, rewrite: true, scan: true },
  hotStore: {
    write: true,
    read: true,
    scan: true,
    applyFences: true,
    removeNamed: true,
    listUnguarded: true,
    incarnation: true,
  },
  incoming: { list: true },
  ledger: { find: true, list: true, put: true, remove: true },
  metricHistory: { read: true },
  metrics: { put: true },
  objects: {
    put: true,
    putFile: true,
    locate: true,
    isIntact: true,
    copy: true,
    find: true,
    get: true,
    list: true,
    listVersions: true,
    remove: true,
    removeVersions: true,
  },
  offlineFiles: { readRows: true, readLatest: true },
  onlineStore: { ensureGroup: true, write: true, read: true, list: true, delete: true, flushOffline: true },
  pacer: { reserve: true },
  pager: { page: true },
  pseudonymiser: { pseudonym: true },
  sealer: { seal: true, open: true },
  signer: { sign: true },
  stateMachines: { start: true, describe: true, stop: true, resume: true },
  streams: { get: true },
};

const ROOT = resolve(import.meta.dirname, "..");
const FOLDERS = [
  "refresh",
  "rebuild",
  "replay",
  "erasure",
  "remediation",
  "writing",
  "upkeep",
  "batch",
  "api",
];
/** Lists the routes, and the code that hangs on them, to describe them: it calls none of it. */
const DESCRIBES = new Set(["api/openapi-get"]);
/** Lists for others to import. */
const NO_FUNCTIONS = new Set(["api/routes"]);
/** Every request is written down. */
const AUDIT = { objects: ["get", "list", "put"] };

/** By the function's name, `refresh/plan-refresh`; ports and methods ascending. */
export async function functionNeeds(): Promise<Needs> {
  const files = FOLDERS.flatMap((folder) => globSync(`functions/${folder}/*.ts`, { cwd: ROOT })).sort();
  const needs: Record<string, Record<string, readonly string[]>> = {};
  for (const file of files) {
    const name = file.replace(/^functions\/|\.ts$/g, "");
    if (NO_FUNCTIONS.has(name)) continue;
    const found = DESCRIBES.has(name) ? {} : needsOf(await bundle(join(ROOT, file)));
    needs[name] = name.startsWith("api/") ? united(found, AUDIT) : found;
  }
  return needs;
}

/** Only what the handler reaches, core's share of it included. */
async function bundle(file: string): Promise<string> {
  const built = await rolldown({
    input: file,
    platform: "node",
    external: [/^node:/, "zod", "@middy/core"],
    logLevel: "silent",
  });
  const { output } = await built.generate({ format: "esm" });
  await built.close();
  return output.map((part) => (part.type === "chunk" ? part.code : "")).join("\n");
}

/** A port is called by its own name everywhere; a bundler may add a number to it. */
function needsOf(code: string): Record<string, readonly string[]> {
  const found: Record<string, readonly string[]> = {};
  for (const [port, methods] of Object.entries(METHODS)) {
    // What it says of itself is no call: `ports.streams.retentionMs`.
    if (!new RegExp(`\\bports\\.${port}\\b|\\b${port}(?:\\$\\d+)?\\s*\\.\\s*(?!ts\\b)\\w`).test(code))
      continue;
    found[port] = Object.keys(methods)
      .filter((method) => new RegExp(`\\b${port}(?:\\$\\d+)?\\s*\\.\\s*${method}\\(`).test(code))
      .sort();
  }
  return found;
}

function united(
  left: Readonly<Record<string, readonly string[]>>,
  right: Readonly<Record<string, readonly string[]>>,
): Record<string, readonly string[]> {
  const ports = [...new Set([...Object.keys(left), ...Object.keys(right)])].sort();
  return Object.fromEntries(
    ports.map((port) => [port, [...new Set([...(left[port] ?? []), ...(right[port] ?? [])])].sort()]),
  );
}

export const NEEDS_FILE = join(ROOT, "stacks/needs.json");

if (process.argv[1] === import.meta.filename)
  writeFileSync(NEEDS_FILE, `${JSON.stringify(await functionNeeds(), null, 2)}\n`);
