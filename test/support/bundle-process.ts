// Runs a bundle of scripts/function-bundles.ts as Lambda would: in a Node of its own that has the function's environment and nothing
// else.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import type { Answered, Asked, Imported } from "./bundle-driver.ts";

export interface BundleProcess {
  readonly imported: Imported;
  /** The handler's answer after JSON. @throws Error with the name and the words of the handler's own. */
  call(event: unknown): Promise<unknown>;
  /** All that it wrote to its log. */
  readonly log: () => string;
  /** Sends no more events, and gives the exit code once nothing is left to do. */
  leave(): Promise<number | null>;
  kill(): Promise<void>;
}

export interface BundleOptions {
  /** Where index.mjs lies; as Lambda's own folder it should have no node_modules above it. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Of Node: `--permission`. */
  readonly flags?: readonly string[];
}

const NODE = resolve("node_modules/.bin/node");
const DRIVER = resolve(import.meta.dirname, "bundle-driver.ts");

/** None outlives the tests. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Once the bundle is imported. @throws Error with what Node said when it could not be. */
export async function startBundle({
  folder,
  environment,
  flags = [],
}: BundleOptions): Promise<BundleProcess> {
  const child = fork(DRIVER, [join(folder, "index.mjs")], {
    execPath: NODE,
    execArgv: [...flags],
    cwd: folder,
    env: environment,
    silent: true,
  });
  running.add(child);
  const exited = once(child, "exit").then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text) => (log += text));
  const imported = await Promise.race([
    once(child, "message").then(([message]) => message as Imported),
    exited.then((code) => Promise.reject(new Error(`${folder} ended with ${code}:\n${log}`))),
  ]);
  const calls = new Calls(child);
  exited.then((code) => calls.fail(new Error(`${folder} ended with ${code}:\n${log}`)));
  return {
    imported,
    call: (event) => calls.call(event),
    log: () => log,
    async leave() {
      if (child.connected) child.disconnect();
      return exited;
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

interface Waiting {
  readonly done: (result: unknown) => void;
  readonly failed: (error: Error) => void;
}

class Calls {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #count = 0;
  #gone: Error | undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (answer) => this.#settle(answer as Answered));
  }

  call(event: unknown): Promise<unknown> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    this.#count += 1;
    const asked: Asked = { id: this.#count, event };
    return new Promise((done, failed) => {
      this.#waiting.set(asked.id, { done, failed });
      this.#child.send(asked);
    });
  }

  fail(error: Error): void {
    this.#gone = error;
    for (const { failed } of this.#waiting.values()) failed(error);
    this.#waiting.clear();
  }

  #settle(answer: Answered): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ("result" in answer) waiting?.done(JSON.parse(answer.result));
    else waiting?.failed(Object.assign(new Error(answer.error.message), { name: answer.error.name }));
  }
}
