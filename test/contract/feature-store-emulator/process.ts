// Decides: how a test runs the command as a process of its own and ends it.
// Leaves to others: every assertion.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly child: ChildProcess;
  readonly url: string;
  /** Resolves when the process has ended. */
  readonly ended: Promise<CommandResult>;
  /** What it has said there so far. */
  stderr(): string;
}

const ROOT = resolve(import.meta.dirname, "../../..");
const NODE = resolve(ROOT, "node_modules/.bin/node");
const MAIN = resolve(ROOT, "packages/feature-store-emulator/src/main.ts");

/** Runs the command to its end. */
export function runCommand(args: readonly string[]): Promise<CommandResult> {
  return spawnProgram(NODE, [MAIN, ...args]).ended;
}

/** Starts the command on a free port and waits until it says that it is ready. */
export function startCommand(stateDir: string, flags: readonly string[] = []): Promise<RunningCommand> {
  return startProgram(NODE, [MAIN, "--state", stateDir, ...flags]);
}

/** The same for another Node and another program: its path, then its flags. */
export async function startProgram(node: string, args: readonly string[]): Promise<RunningCommand> {
  const running = spawnProgram(node, [...args, "--port", "0", "--creation-delay", "0"]);
  const ready = new Promise<string>((found) => {
    let text = "";
    running.child.stdout?.on("data", (chunk) => {
      text += String(chunk);
      const line = /^Feature Store is ready at (\S+)\n/.exec(text);
      if (line?.[1] !== undefined) found(line[1]);
    });
  });
  const url = await Promise.race([
    ready,
    running.ended.then(({ stderr }) => Promise.reject(new Error(stderr))),
  ]);
  return { ...running, url };
}

/** Kills it as the kernel would. */
export async function killHard(running: RunningCommand): Promise<void> {
  running.child.kill("SIGKILL");
  await running.ended;
}

function spawnProgram(node: string, args: readonly string[]): Omit<RunningCommand, "url"> {
  const child = spawn(node, args, { stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    output.stdout += String(chunk);
  });
  child.stderr.on("data", (chunk) => {
    output.stderr += String(chunk);
  });
  const ended = once(child, "close").then(([code]) => ({
    code: code === null ? null : Number(code),
    ...output,
  }));
  return { child, ended, stderr: () => output.stderr };
}
