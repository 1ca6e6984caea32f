// The command `steward` as the demo types it, a platform that is left running beside it, and their end: nothing outlives the demo.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { DemoError, indent, say } from "./say.ts";

export const STATE = ".steward-demo";
export const FEATURES = "scripts/demo/groups";
const MAIN = "packages/cli/src/main.ts";
const UP_MS = 20_000;
const PATIENCE_MS = 30_000;
const BETWEEN_LOOKS_MS = 200;
const ENV = { ...process.env, STEWARD_STATE: STATE, STEWARD_FEATURES: FEATURES };

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** In groups of their own: Ctrl-C reaches the demo alone, which ends them in good order. */
const children = new Set<ChildProcess>();
let isEnding = false;

/** Runs a command and gives what it said. @throws DemoError once the end has begun: a command would start servers anew. */
export async function steward(args: readonly string[]): Promise<Result> {
  refuseAtEnd();
  const result = await resultOf(start(args));
  refuseAtEnd(); // its code says only that it was ended
  return result;
}

async function resultOf(child: ReturnType<typeof start>): Promise<Result> {
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
    });
  const [code] = await once(child, "close");
  return { ...texts, code: typeof code === "number" ? code : 1 };
}

/** Prints the command as a person would type it, and runs it. @throws DemoError when it ends otherwise than it must. */
export async function typed(args: readonly string[], code = 0): Promise<string> {
  say(`$ steward ${args.join(" ")}`);
  const result = await steward(args);
  if (result.code !== code)
    throw new DemoError(`it ended with ${result.code}, not ${code}: ${result.stderr.trim()}`);
  return code === 3 ? result.stderr.trimEnd() : result.stdout.trimEnd();
}

/** The same, and prints what it said. */
export async function shown(args: readonly string[], code = 0): Promise<string> {
  const text = await typed(args, code);
  say(indent(text));
  return text;
}

/** The same for a command whose answer is a document. */
export async function asked<T>(args: readonly string[], code = 0): Promise<T> {
  return toDocument<T>(await typed([...args, "--json"], code));
}

/** Asks without a word until it is so. @throws DemoError when it takes too long. */
export async function untilSo<T>(
  what: string,
  args: readonly string[],
  isSo: (answer: T) => boolean,
): Promise<T> {
  for (const endMs = Date.now() + PATIENCE_MS; Date.now() < endMs; await sleep(BETWEEN_LOOKS_MS)) {
    const { stdout } = await steward([...args, "--json"]);
    const answer = toDocument<T>(stdout);
    if (isSo(answer)) return answer;
  }
  throw new DemoError(`in vain for ${PATIENCE_MS / 1_000} s: ${what}`);
}

/** `steward up` beside this script, so that every command finds the servers running. */
export async function bringUp(args: readonly string[]): Promise<void> {
  refuseAtEnd();
  say(`$ steward up ${args.join(" ")} &`);
  const child = start(["up", ...args]);
  child.stderr.resume();
  const said = once(child.stdout.setEncoding("utf8"), "data");
  const ended = once(child, "exit").then(() => undefined);
  const lines = await Promise.race([said, ended, sleep(UP_MS, undefined, { ref: false })]);
  if (lines === undefined)
    throw new DemoError("the platform did not come up: `steward doctor` says what is missing");
  say(indent(String(lines[0])));
  child.stdout.resume();
}

/** Ends what runs, each asked once and waited for, and the servers. */
export async function endAll(): Promise<void> {
  isEnding = true;
  const ending = [...children].map(async (child) => {
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await exited;
  });
  await Promise.all(ending);
  await resultOf(start(["down"]));
}

function refuseAtEnd(): void {
  if (isEnding) throw new DemoError("the demo is ending");
}

function start(args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: ENV,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

/** The command's own document: its shape is the caller's to know. */
const toDocument = <T>(text: string): T => JSON.parse(text) as T;
