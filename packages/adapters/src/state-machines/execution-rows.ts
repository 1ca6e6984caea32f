// Decides how an execution lies in the ledger, and that each change of it is one conditional write.
// Leaves to the caller which change may be made to which row.

import {
  ConflictError,
  type Execution,
  type ExecutionStatus,
  type Json,
  type Ledger,
  NotFoundError,
} from "@steward/core";
import type { ProcessIdentity } from "../process/process-identity.ts";

/** Who runs an execution: the process, and which adapter within it. */
export type Holder = ProcessIdentity & { readonly instance: string };

/** A type alias, so that it is a ledger body as it is. What it does not have is null. */
export type ExecutionRow = {
  readonly status: ExecutionStatus;
  readonly input: Json;
  /** The state of the machine itself that was entered last. */
  readonly state: string;
  /** What that state was entered with; null where that is the input of the execution itself. */
  readonly stateInput: { readonly value: Json } | null;
  readonly output: Json;
  readonly error: string | null;
  readonly cause: string | null;
  /** Nobody, once it has ended or its adapter was closed. */
  readonly holder: Holder | null;
  /** Starts at 1 and rises with every resume: whoever still runs an earlier attempt may change the row no more. */
  readonly attempt: number;
  /** Why another process asks the holder to stop. */
  readonly stopRequest: string | null;
};

/** Writers of one row meet a few times at most: a holder, a stopper, a resumer. */
const MAX_CONFLICTS = 20;

export class ExecutionRows {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  async find(machine: string, name: string): Promise<ExecutionRow | undefined> {
    const item = await this.#ledger.find(toKey(machine, name));
    return item?.body as ExecutionRow | undefined;
  }

  /** @throws NotFoundError when there is no such execution. */
  async get(machine: string, name: string): Promise<ExecutionRow> {
    const row = await this.find(machine, name);
    if (row === undefined) throw new NotFoundError(`there is no execution ${name} of ${machine}`);
    return row;
  }

  /** False when the name is taken already. */
  async insert(machine: string, name: string, row: ExecutionRow): Promise<boolean> {
    return (await this.#ledger.put(toKey(machine, name), row, "absent")).kind === "applied";
  }

  /** Applies `change` to the newest row, again when another writer came between; the row as written,
   * or undefined when `change` declined. @throws ConflictError when others never cease to write. */
  async change(
    machine: string,
    name: string,
    change: (row: ExecutionRow) => ExecutionRow | undefined,
  ): Promise<ExecutionRow | undefined> {
    const key = toKey(machine, name);
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      const item = await this.#ledger.find(key);
      const next = item === undefined ? undefined : change(item.body as ExecutionRow);
      if (item === undefined || next === undefined) return undefined;
      const { kind } = await this.#ledger.put(key, next, { version: item.version });
      if (kind === "applied") return next;
    }
    throw new ConflictError(
      `execution ${name} of ${machine} changed ${MAX_CONFLICTS} times while it was written`,
    );
  }
}

export function toExecution(machine: string, name: string, row: ExecutionRow): Execution {
  return {
    machine,
    name,
    status: row.status,
    error: row.error ?? undefined,
    cause: row.cause ?? undefined,
    output: row.status === "succeeded" ? row.output : undefined,
  };
}

function toKey(machine: string, name: string) {
  return { partition: `execution#${machine}`, sort: name };
}
