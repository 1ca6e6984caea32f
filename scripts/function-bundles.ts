// Bundles every function of a stage, all in one go: what several need lies in files that each of them gets a copy of. A function
// has the openers of its own ports alone (stacks/needs.json). DuckDB's native part stays outside: it comes as a layer.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type OutputChunk, rolldown } from "rolldown";
import type { Needs } from "./function-needs.ts";
import { CPUS, ensureNative } from "./native-packages.ts";

const ROOT = resolve(import.meta.dirname, "..");
const NEEDS = JSON.parse(readFileSync(join(ROOT, "stacks/needs.json"), "utf8")) as Needs;
export const BUNDLES = join(ROOT, ".sst/functions");
export const NATIVE = "@duckdb/node-bindings";
const ENTRY = "entry:";

/** `refresh/plan-refresh` lies in `<into>/refresh-plan-refresh`, its handler in `index.mjs`. What lay there before is gone. */
export async function bundleFunctions(into = BUNDLES): Promise<readonly string[]> {
  rmSync(into, { recursive: true, force: true });
  const names = Object.keys(NEEDS);
  const built = await rolldown({
    input: Object.fromEntries(names.map((name) => [folderOf(name), ENTRY + name])),
    cwd: ROOT,
    platform: "node",
    external: [/^node:/, NATIVE],
    logLevel: "silent",
    plugins: [
      {
        name: "entries",
        resolveId: (id) => (id.startsWith(ENTRY) ? `\0${id}` : null),
        load: (id) =>
          id.startsWith(`\0${ENTRY}`)
            ? { code: entryOf(id.slice(ENTRY.length + 1)), moduleType: "ts" as const }
            : null,
      },
    ],
  });
  const { output } = await built.generate({ format: "esm", minify: true, chunkFileNames: "[hash].mjs" });
  await built.close();
  const chunks = new Map(output.flatMap((part) => (part.type === "chunk" ? [[part.fileName, part]] : [])));
  for (const chunk of chunks.values()) if (chunk.isEntry) write(join(into, chunk.name), chunk, chunks);
  return names;
}

export function folderOf(name: string): string {
  return name.replaceAll("/", "-");
}

/** One export: the handler as Lambda, or Glue's process, calls it. */
function entryOf(name: string): string {
  const ports = Object.keys(NEEDS[name] ?? {});
  const account = join(ROOT, "functions/_account");
  const isRoute = name.startsWith("api/");
  const isJob = name.startsWith("batch/");
  const isFailRun = name.endsWith("/fail-run");
  const parts = `{ definitions: new GroupList(Object.values(features)), openers: { ${ports.join(", ")} }, isAudited: ${isRoute} }`;
  const step = isRoute
    ? "wholeAnswer(Object.values(step)[0].handler)"
    : isFailRun
      ? "namingJobFailure(step.handler)"
      : "step.handler";
  return [
    'import { GroupList } from "@steward/core";',
    'import * as features from "@steward/features";',
    `import * as step from "${join(ROOT, "functions", name)}.ts";`,
    `import { inAccount } from "${account}/in-account.ts";`,
    isRoute ? `import { wholeAnswer } from "${account}/whole-answer.ts";` : "",
    isFailRun ? `import { namingJobFailure } from "${account}/job-failure.ts";` : "",
    isJob ? `import { runAsJob } from "${account}/as-job.ts";` : "",
    ...ports.map((port) => `import { open as ${port} } from "${account}/ports/${fileOf(port)}.ts";`),
    `export const handler = inAccount(${step}, ${parts});`,
    isJob
      ? "if (process.argv[1] === import.meta.filename) process.exitCode = await runAsJob(handler, process.argv.slice(2));"
      : "",
  ].join("\n");
}

/** `hotStore` is opened in `ports/hot-store.ts`. */
function fileOf(port: string): string {
  return port.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function write(folder: string, entry: OutputChunk, chunks: ReadonlyMap<string, OutputChunk>): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "index.mjs"), entry.code);
  for (const file of reachedFrom(entry, chunks))
    if (file !== entry.fileName) writeFileSync(join(folder, file), chunks.get(file)?.code ?? "");
}

function reachedFrom(entry: OutputChunk, chunks: ReadonlyMap<string, OutputChunk>): ReadonlySet<string> {
  const reached = new Set<string>();
  const left = [entry.fileName];
  for (let file = left.pop(); file !== undefined; file = left.pop()) {
    const chunk = chunks.get(file);
    if (chunk === undefined || reached.has(file)) continue;
    reached.add(file);
    left.push(...chunk.imports, ...chunk.dynamicImports);
  }
  return reached;
}

if (process.argv[1] === import.meta.filename) {
  for (const cpu of CPUS) ensureNative(cpu);
  console.log(`${(await bundleFunctions()).length} functions in .sst/functions`);
}
