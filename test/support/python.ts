// The Python environments of the tests, each made once from its locked list (test/python/*.txt) and kept beside the installed
// packages. Needs python3 (3.10 or later, with venv) on the PATH; uv installs into it, five times as fast as pip.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

export type PythonEnvironment = "sagemaker-2" | "sagemaker-3" | "ministack";

export interface PythonResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const run = promisify(execFile);
const LISTS = resolve(import.meta.dirname, "../python");
const KEPT = resolve(import.meta.dirname, "../../node_modules/.cache/python");
const UV = "uv==0.13.9";
const BUILD_MS = 300_000;
const POLL_MS = 200;

/** Runs a script of test/python, or one named by its whole path, to its end. */
export async function runPython(
  environment: PythonEnvironment,
  script: string,
  env: Readonly<Record<string, string>>,
): Promise<PythonResult> {
  const python = await pythonOf(environment);
  const options = { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
  try {
    return { code: 0, ...(await run(python, [resolve(LISTS, script)], options)) };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { code: error.code, stdout: error.stdout, stderr: error.stderr };
  }
}

/** The interpreter of an environment, which is made if it is not there. Processes that want one at once wait for each other. */
export async function pythonOf(environment: PythonEnvironment): Promise<string> {
  const list = join(LISTS, `${environment}.txt`);
  const digest = createHash("sha256").update(UV).update(readFileSync(list)).digest("hex").slice(0, 12);
  const folder = join(KEPT, `${environment}-${digest}`);
  const python = join(folder, "bin/python");
  mkdirSync(KEPT, { recursive: true });
  for (const endMs = Date.now() + BUILD_MS; !existsSync(python); ) {
    if (Date.now() > endMs) throw new Error(`${folder}.lock is in the way: no test is making it any more?`);
    if (take(`${folder}.lock`))
      await build(folder, list).finally(() => rmSync(`${folder}.lock`, { recursive: true }));
    else await sleep(POLL_MS);
  }
  return python;
}

async function build(folder: string, list: string): Promise<void> {
  const uv = await findUv();
  const making = `${folder}.making`;
  rmSync(making, { recursive: true, force: true });
  const env = { ...process.env, UV_CACHE_DIR: join(KEPT, "uv-cache") };
  // Scripts of the environment name its place, and are not used: it may move.
  await run(uv, ["venv", "--quiet", "--relocatable", "--python", "python3", making], { env });
  const into = ["--python", join(making, "bin/python"), "--requirements", list];
  await run(uv, ["pip", "install", "--quiet", ...into], { env });
  renameSync(making, folder);
}

async function findUv(): Promise<string> {
  const folder = join(KEPT, UV);
  const uv = join(folder, "bin/uv");
  for (const endMs = Date.now() + BUILD_MS; !existsSync(uv); ) {
    if (Date.now() > endMs) throw new Error(`${folder}.lock is in the way: no test is making it any more?`);
    if (!take(`${folder}.lock`)) await sleep(POLL_MS);
    else await installUv(folder).finally(() => rmSync(`${folder}.lock`, { recursive: true }));
  }
  return uv;
}

async function installUv(folder: string): Promise<void> {
  const help = "python3 (3.10 or later, with venv) is needed: Debian has it as python3 and python3-venv";
  const wanted = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))";
  await run("python3", ["-c", wanted]).catch((error: unknown) => {
    throw new Error(help, { cause: error });
  });
  await run("python3", ["-m", "venv", folder]);
  await run(join(folder, "bin/pip"), ["install", "--quiet", "--disable-pip-version-check", UV]);
}

/** Whether the folder is new: whoever makes it has the work. */
function take(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}

function isFailure(error: unknown): error is PythonResult {
  return error instanceof Error && "code" in error && typeof error.code === "number" && "stderr" in error;
}
