// What a test of the interpreter stands on: a ledger in a folder of its own, adapters over it, and a watch on rejections.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  InterpreterStateMachines,
  type InterpreterStateMachinesOptions,
  SqliteLedger,
} from "@steward/adapters";
import type { Execution, Json, LedgerBody, LedgerKey } from "@steward/core";
import type { Asl, TestTask } from "./state-machine-fixtures.ts";

/** Machine `m`, execution `r1`: what every test here runs. */
const KEY: LedgerKey = { partition: "execution#m", sort: "r1" };

type Tasks = Record<string, TestTask>;

export class InterpreterBench {
  /** Holds the ledger's files. */
  readonly folder = mkdtempSync(join(tmpdir(), "interpreter-"));
  readonly ledger = new SqliteLedger({ file: join(this.folder, "ledger.sqlite") });
  readonly #opened: InterpreterStateMachines[] = [];
  readonly #escaped: unknown[] = [];
  readonly #onEscaped = (error: unknown) => this.#escaped.push(error);

  constructor() {
    process.on("unhandledRejection", this.#onEscaped);
  }

  open(machine: Asl, tasks: Tasks, options: Partial<InterpreterStateMachinesOptions> = {}) {
    const { ledger } = this;
    const machines = { m: machine };
    const opened = new InterpreterStateMachines({ ledger, machines, tasks, closeGraceMs: 50, ...options });
    this.#opened.push(opened);
    return opened;
  }

  async run(machine: Asl, tasks: Tasks, input: Json = {}): Promise<Execution> {
    const machines = this.open(machine, tasks);
    await machines.start("m", "r1", input);
    return machines.settled("m", "r1");
  }

  async row(): Promise<LedgerBody> {
    return (await this.ledger.find(KEY))?.body ?? {};
  }

  async changeRow(fields: LedgerBody): Promise<void> {
    const item = await this.ledger.find(KEY);
    await this.ledger.put(KEY, { ...item?.body, ...fields }, { version: item?.version ?? 0 });
  }

  /** The rejections that nobody handled while it stood. */
  async close(): Promise<readonly unknown[]> {
    await Promise.all(this.#opened.map((machines) => machines.close()));
    await new Promise(setImmediate);
    process.off("unhandledRejection", this.#onEscaped);
    this.ledger.close();
    rmSync(this.folder, { recursive: true });
    return this.#escaped;
  }
}
