// Starts, tells and kills the processes of state-machine-process.ts.

import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Execution } from "@steward/core";
import { aChain, aMachine, aTask } from "./state-machine-fixtures.ts";

export type Command =
  | { readonly kind: "start" | "resume"; readonly machine: string; readonly name: string }
  | { readonly kind: "settled"; readonly machine: string; readonly name: string };

/** Where a task of this process stands still for ever, so that it can be killed there. */
export type Halt = "before" | "after" | "never";

export const STEPS = ["One", "Two", "Three", "Four", "Five"] as const;

export const PROCESS_MACHINES = {
  steps: aChain(...STEPS),
  pause: aMachine({ Pause: { Type: "Wait", Seconds: 3_600, Next: "One" }, One: aTask("One") }),
};

const SCRIPT = new URL("./state-machine-process.ts", import.meta.url);

interface Message {
  readonly kind: "ready" | "entered" | "halted" | "done";
  readonly of?: Command["kind"];
  readonly name?: string;
  readonly state?: string;
  readonly execution?: Execution;
}

export class RunningProcess {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #messages: Message[] = [];
  #wake: () => void = () => undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    child.on("message", (message) => {
      this.#messages.push(message as Message);
      this.#wake();
    });
  }

  tell(command: Command): void {
    this.#child.send(command);
  }

  /** The first message that matches, once it has come; each message is given once. */
  async told(expected: Partial<Message>): Promise<Message> {
    for (;;) {
      const index = this.#messages.findIndex((message) =>
        Object.entries(expected).every(([field, value]) => message[field as keyof Message] === value),
      );
      const [message] = index < 0 ? [] : this.#messages.splice(index, 1);
      if (message !== undefined) return message;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await exited;
  }
}

/** A folder with a ledger and the two logs, and the processes over it. */
export class StateMachineProcesses {
  readonly folder = mkdtempSync(join(tmpdir(), "processes-"));
  readonly ledgerFile = join(this.folder, "ledger.sqlite");
  readonly #callsFile = join(this.folder, "calls");
  readonly #effectsFile = join(this.folder, "effects");
  readonly #running: RunningProcess[] = [];

  constructor() {
    writeFileSync(this.#callsFile, "");
    writeFileSync(this.#effectsFile, "");
  }

  async open(haltAt = "", halt: Halt = "never"): Promise<RunningProcess> {
    const child = fork(SCRIPT, [this.ledgerFile, this.#callsFile, this.#effectsFile, haltAt, halt]);
    const running = new RunningProcess(child);
    this.#running.push(running);
    await running.told({ kind: "ready" });
    return running;
  }

  calls(): string[] {
    return readFileSync(this.#callsFile, "utf8").trimEnd().split("\n");
  }

  effects(): string[] {
    return readFileSync(this.#effectsFile, "utf8").trimEnd().split("\n");
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.map((running) => running.kill()));
    rmSync(this.folder, { recursive: true });
  }
}
