// Child processes that share files with the test, or that are killed in the middle of their work.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { READY } from "./start-together.ts";

/** The pinned Node itself, not a wrapper: a signal must reach the process that works. */
const NODE = fileURLToPath(new URL("../../../node_modules/.bin/node", import.meta.url));

/** Starts `children/<name>.ts` with the arguments. The children import the adapters by file, which starts them sooner. */
function startChild(name: string, args: readonly string[]) {
  const script = fileURLToPath(new URL(`./children/${name}.ts`, import.meta.url));
  return spawn(NODE, [script, ...args], { stdio: ["pipe", "pipe", "inherit"] });
}

/**
 * Runs one child for each list of arguments; all begin their work at the same moment. The lines that each printed.
 * @throws when one ended with another code than 0.
 */
export async function raceChildren(
  name: string,
  argumentLists: readonly (readonly string[])[],
): Promise<readonly (readonly string[])[]> {
  const children = argumentLists.map((args) => startChild(name, args));
  let waitingCount = children.length;
  const letAllBegin = () => {
    waitingCount -= 1;
    if (waitingCount === 0) for (const { stdin } of children) stdin.write("go\n");
  };
  try {
    return await Promise.all(children.map((child) => readToEnd(name, child, letAllBegin)));
  } finally {
    for (const child of children) child.kill("SIGKILL");
  }
}

async function readToEnd(
  name: string,
  child: ReturnType<typeof startChild>,
  onReady: () => void,
): Promise<readonly string[]> {
  const ended = once(child, "exit");
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === READY) onReady();
    else lines.push(line);
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`${name} ended with ${code}`);
  return lines;
}

/** Kills a child with SIGKILL once it has printed that many lines; every whole line it printed until it was dead. */
export async function killChildAfter(
  name: string,
  args: readonly string[],
  lineCount: number,
): Promise<readonly string[]> {
  const child = startChild(name, args);
  const ended = once(child, "exit");
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === lineCount) child.kill("SIGKILL");
  }
  const [, signal] = await ended;
  if (signal !== "SIGKILL") throw new Error(`${name} ended by itself before it could be killed`);
  return lines;
}
