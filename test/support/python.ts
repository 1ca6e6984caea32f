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

/** The interpreter of an environment, which is made if it is not there. */
export async function pythonOf(environment: PythonEnvironment): Promise<string> {
  const list = join(LISTS, `${environment}.txt`);
  const digest = createHash("sha256").update(UV).update(readFileSync(list)).digest("hex").slice(0, 12);
  const folder = await madeOnce(`${environment}-${digest}`, (making) => build(making, list));
  return join(folder, "bin/python");
}

/** Scripts of what is made name the place where it was: only programs of it are used. */
async function build(folder: string, list: string): Promise<void> {
  const uv = join(await madeOnce(UV, installUv), "bin/uv");
  const env = { ...process.env, UV_CACHE_DIR: join(KEPT, "uv-cache") };
  await run(uv, ["venv", "--quiet", "--relocatable", "--python", "python3", folder], { env });
  const into = ["--python", join(folder, "bin/python"), "--requirements", list];
  await run(uv, ["pip", "install", "--quiet", ...into], { env });
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

/** A kept folder, whole or not there. Processes that want it at once wait for the one that makes it, elsewhere. */
async function madeOnce(name: string, make: (making: string) => Promise<void>): Promise<string> {
  const folder = join(KEPT, name);
  const lock = `${folder}.lock`;
  const making = `${folder}.making`;
  mkdirSync(KEPT, { recursive: true });
  for (const endMs = Date.now() + BUILD_MS; !existsSync(folder); ) {
    if (Date.now() > endMs) throw new Error(`${lock} is in the way: no test is making it any more?`);
    if (!take(lock)) {
      await sleep(POLL_MS);
      continue;
    }
    try {
      rmSync(making, { recursive: true, force: true });
      await make(making);
      renameSync(making, folder);
    } finally {
      rmSync(lock, { recursive: true });
    }
  }
  return folder;
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
