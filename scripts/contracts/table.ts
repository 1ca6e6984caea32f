// Decides which rows the table of contract tests has: port, adapter, what runs below it, and how many rules were run there.
// Leaves it to vitest to say which tests there are.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Adapter } from "./adapters.ts";

export interface ContractTest {
  /** From the root of the project. */
  readonly file: string;
  /** Of the outermost `describe`. */
  readonly suite: string;
}

export interface Row {
  readonly port: string;
  readonly adapter: string;
  readonly backend: string;
  readonly ruleCount: number;
  readonly file: string;
}

/** What a test file starts, by what it imports; the first that fits. */
const REMOTES: readonly (readonly [RegExp, string])[] = [
  [/support\/ministack\.ts"/, "MiniStack"],
  [/support\/redis-tls\.ts"/, "Redis over TLS, with users"],
  [/support\/redis-tenants\.ts"/, "Redis, by the generated users"],
  [/support\/redis\.ts"/, "Redis"],
  [/support\/feature-store\.ts"/, "the Feature Store emulator"],
  [/support\/step-functions-endpoint\.ts"/, "the interpreter behind Step Functions' wire"],
];
const ENGINES: readonly (readonly [RegExp, string])[] = [
  [/^(DuckDb|Parquet)/, "DuckDB"],
  [/^(Sqlite|Interpreter)/, "SQLite"],
  [/^(Folder|Jsonl|KeyFile)/, "files"],
];
const HAS_SET_ANSWERS = /middlewareStack\.add|failNext\(/;

/** Ascending by port, adapter and file. A test belongs to the adapter that its suite names first. */
export function toRows(
  root: string,
  adapters: readonly Adapter[],
  tests: readonly ContractTest[],
): readonly Row[] {
  const counts = new Map<string, Row>();
  for (const { file, suite } of tests) {
    const adapter = firstNamed(adapters, suite);
    for (const port of adapter?.ports ?? []) {
      const key = [port, adapter?.name, file].join(" ");
      const row = counts.get(key) ?? {
        port,
        adapter: adapter?.name ?? "",
        backend: backendOf(root, file, adapter?.name ?? ""),
        ruleCount: 0,
        file,
      };
      counts.set(key, { ...row, ruleCount: row.ruleCount + 1 });
    }
  }
  return [...counts].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => row);
}

/** Adapters for whose port no test stands in the rows. */
export function untested(adapters: readonly Adapter[], rows: readonly Row[]): readonly string[] {
  return adapters.flatMap(({ name, ports }) =>
    ports
      .filter((port) => !rows.some((row) => row.adapter === name && row.port === port))
      .map((port) => `${port} × ${name}`),
  );
}

export function toMarkdown(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ port, adapter, backend, ruleCount, file }) =>
      `| ${port} | ${adapter} | ${backend} | ${ruleCount} | [${file.split("/").at(-1)}](../${file}) |`,
  );
  return ["| port | adapter | what runs below it | rules | tests |", "|---|---|---|---:|---|", ...lines].join(
    "\n",
  );
}

function firstNamed(adapters: readonly Adapter[], suite: string): Adapter | undefined {
  const words = suite.split(/\W+/);
  const name = words.find((word) => adapters.some((adapter) => adapter.name === word));
  return adapters.find((adapter) => adapter.name === name);
}

function backendOf(root: string, file: string, adapter: string): string {
  const text = readFileSync(join(root, file), "utf8");
  const engine = ENGINES.find(([pattern]) => pattern.test(adapter))?.[1];
  const remote = REMOTES.find(([pattern]) => pattern.test(text))?.[1];
  const place = remote ?? (engine === "DuckDB" ? "files" : undefined);
  const backend = engine === "DuckDB" ? `DuckDB on ${place}` : (remote ?? engine ?? "nothing: this process");
  return HAS_SET_ANSWERS.test(text) ? `${backend}; some calls or answers changed by the test` : backend;
}
