// Brings DuckDB's native part for the machines that functions and jobs run on, as package-lock.json names it, whatever machine
// this is: for Lambda on arm64, for Glue on x64.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "..");
const NAME = "@duckdb/node-bindings";
/** Also what the package itself depends on. */
const LOCKED = /^node_modules\/(?:@duckdb\/node-bindings.*|detect-libc)$/;
export const CPUS = ["arm64", "x64"] as const;
export type Cpu = (typeof CPUS)[number];

/** `<folder>/nodejs/node_modules`, as a Lambda layer is laid out. */
export function nativeFolder(cpu: Cpu): string {
  return join(ROOT, ".sst/native", cpu);
}

/** Nothing where it is there in the locked version. @throws Error when npm cannot bring it. */
export function ensureNative(cpu: Cpu): void {
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as Lock;
  const { version } = packages[`node_modules/${NAME}`] ?? {};
  const folder = nativeFolder(cpu);
  const marker = join(folder, "version");
  if (version === undefined) throw new Error(`package-lock.json has no ${NAME}`);
  if (existsSync(marker) && readFileSync(marker, "utf8") === version) return;
  rmSync(folder, { recursive: true, force: true });
  const nodejs = join(folder, "nodejs");
  mkdirSync(nodejs, { recursive: true });
  const own = { name: "native", version: "0.0.0", dependencies: { [NAME]: version } };
  const locked = Object.fromEntries(Object.entries(packages).filter(([path]) => LOCKED.test(path)));
  writeFileSync(join(nodejs, "package.json"), JSON.stringify(own));
  writeFileSync(
    join(nodejs, "package-lock.json"),
    JSON.stringify({
      name: "native",
      version: "0.0.0",
      lockfileVersion: 3,
      packages: { "": own, ...locked },
    }),
  );
  const words = [
    "ci",
    "--ignore-scripts",
    "--os=linux",
    `--cpu=${cpu}`,
    "--libc=glibc",
    "--no-audit",
    "--no-fund",
  ];
  const npm = spawnSync("npm", words, { cwd: nodejs, encoding: "utf8" });
  if (npm.status !== 0) throw new Error(`npm could not bring ${NAME} for ${cpu}:\n${npm.stderr}`);
  for (const file of ["package.json", "package-lock.json"]) rmSync(join(nodejs, file));
  writeFileSync(marker, version);
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string }>>;
}

if (process.argv[1] === import.meta.filename) for (const cpu of CPUS) ensureNative(cpu);
