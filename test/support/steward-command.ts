// Runs the command line as a person would: a process of its own, on a state folder of the test.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const NODE = join(ROOT, "node_modules/.bin/node");
const MAIN = join(ROOT, "packages/cli/src/main.ts");

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandPlace {
  readonly state?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A command that goes on while the test does. */
export interface RunningCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<CommandResult>;
  /** Resolves once either stream has said the text. Rejects when the command ends without. */
  said(text: string): Promise<void>;
}

/** Runs `steward` to its end. */
export function runSteward(args: readonly string[], place: CommandPlace = {}): Promise<CommandResult> {
  return startSteward(args, place).ended;
}

/** The one JSON document that the command printed. */
export async function stewardJson<T>(args: readonly string[], place: CommandPlace = {}): Promise<T> {
  const { stdout, stderr } = await runSteward([...args, "--json", "--quiet"], place);
  try {
    return JSON.parse(stdout) as T;
  } catch {
    throw new Error(`steward ${args[0]} printed no JSON document; on stderr: ${stderr}`);
  }
}

export function startSteward(args: readonly string[], place: CommandPlace = {}): RunningCommand {
  const child = spawn(NODE, [MAIN, ...args], {
    cwd: place.cwd ?? ROOT,
    env: {
      ...ownEnvironment(),
      ...(place.state === undefined ? {} : { STEWARD_STATE: place.state }),
      ...place.env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
    });
  }
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, ...texts }));
  return {
    child,
    ended,
    said: (wanted) =>
      new Promise((done, failed) => {
        const look = (): void => {
          if (texts.stdout.includes(wanted) || texts.stderr.includes(wanted)) done();
        };
        for (const name of ["stdout", "stderr"] as const) child[name].on("data", look);
        ended.then(() => failed(new Error(`the command ended without saying "${wanted}": ${texts.stderr}`)));
        look();
      }),
  };
}

/** Without the settings of whoever runs the tests. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("STEWARD_")));
}
