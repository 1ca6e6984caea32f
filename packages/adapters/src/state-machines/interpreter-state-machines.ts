// Decides who runs an execution of the local platform: this process, one that lives, or the next after one that died.
// Leaves how it runs to LocalExecution, and whether a machine can be run here to LocalMachine.

import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import {
  type Execution,
  InvalidInputError,
  type Json,
  type Ledger,
  NotFoundError,
  type StateMachines,
  UnavailableError,
} from "@steward/core";
import { currentProcess, isAlive, type ProcessIdentity } from "../process/process-identity.ts";
import { checkExecutionName } from "./execution-name.ts";
import { type ExecutionRow, ExecutionRows, type Holder, toExecution } from "./execution-rows.ts";
import { toAborted, toResumed, toStarted } from "./execution-transitions.ts";
import { LocalExecution, type OnState } from "./local-execution.ts";
import { checkLanguage, type LocalMachine, toLocalMachine } from "./local-machine.ts";
import { type Task, TaskFailure, toPayload } from "./task-call.ts";

export interface InterpreterStateMachinesOptions {
  readonly ledger: Ledger;
  /** Amazon States Language in JSONPath, by the machine's name. */
  readonly machines: Readonly<Record<string, object>>;
  /** By the Resource of a Task. Idempotent: a task is called again when the process died while it acted. */
  readonly tasks: Readonly<Record<string, Task>>;
  readonly onState?: OnState;
  /** The process that holds what is started here. Default: this one. */
  readonly holder?: ProcessIdentity;
  /** How often a holder looks for the request of another process to stop, within one state. Default 1,000 ms. */
  readonly stopPollMs?: number;
  /** How long `close` waits for tasks that still act. Default 10,000 ms. */
  readonly closeGraceMs?: number;
}

const DEFAULT_STOP_POLL_MS = 1_000;
const DEFAULT_CLOSE_GRACE_MS = 10_000;

interface Held {
  readonly execution: LocalExecution;
  /** The row as it was taken; undefined where it was not to be had. */
  readonly claimed: Promise<ExecutionRow | undefined>;
  /** Settles when it has ended here. */
  readonly done: Promise<void>;
}

/** Executions in the background of this process, kept in the ledger so that another can see, stop and resume them. */
export class InterpreterStateMachines implements StateMachines {
  readonly #options: InterpreterStateMachinesOptions;
  readonly #rows: ExecutionRows;
  readonly #machines: ReadonlyMap<string, LocalMachine>;
  readonly #holder: Holder;
  /** Machines whose language was checked: at the first start, because it takes long. */
  readonly #checked = new Set<LocalMachine>();
  readonly #held = new Map<string, Held>();
  #isClosed = false;

  /** @throws DefinitionError when a machine would not mean the same here as on Step Functions. */
  constructor(options: InterpreterStateMachinesOptions) {
    const resources = new Set(Object.keys(options.tasks));
    this.#options = options;
    this.#rows = new ExecutionRows(options.ledger);
    this.#holder = { ...(options.holder ?? currentProcess()), instance: randomUUID() };
    this.#machines = new Map(
      Object.entries(options.machines).map(([name, asl]) => [name, toLocalMachine(name, asl, resources)]),
    );
  }

  /** As the port says. @throws DefinitionError when the machine is not valid Amazon States Language. */
  async start(machineName: string, name: string, input: Json): Promise<void> {
    const machine = this.#open(machineName);
    checkExecutionName(name);
    const payload = toExecutionInput(input);
    if (!this.#checked.has(machine)) checkLanguage(machine);
    this.#checked.add(machine);
    const row = toStarted(machine.definition.StartAt, payload, this.#holder);
    const isStarted = await this.#take(machine, name, async () =>
      (await this.#rows.insert(machineName, name, row)) ? row : undefined,
    );
    if (isStarted) return;
    const existing = await this.#rows.get(machineName, name);
    if (isDeepStrictEqual(existing.input, payload)) return;
    throw new InvalidInputError(`execution ${name} of ${machineName} was started with another input`);
  }

  async describe(machine: string, name: string): Promise<Execution> {
    return toExecution(machine, name, await this.#rows.get(machine, name));
  }

  async stop(machine: string, name: string, reason: string): Promise<void> {
    await this.#rows.get(machine, name);
    const held = this.#held.get(toId(machine, name));
    if ((await held?.claimed) !== undefined) return held?.execution.stop(reason);
    await this.#rows.change(machine, name, (row) => {
      if (row.status !== "running") return undefined;
      return this.#isHeld(row, machine, name) ? { ...row, stopRequest: reason } : toAborted(row, reason);
    });
  }

  /** One that has succeeded, or that somebody who lives is running, stays as it is.
   * @throws InvalidInputError when the machine no longer has the state that the execution stood in. */
  async resume(machineName: string, name: string): Promise<void> {
    const machine = this.#open(machineName);
    const { state, status } = await this.#rows.get(machineName, name);
    if (!Object.hasOwn(machine.definition.States, state)) {
      throw new InvalidInputError(`execution ${name} stood in ${state}, which ${machineName} no longer has`);
    }
    // One that was just stopped here may not have noticed yet.
    if (status !== "running") await this.#held.get(toId(machineName, name))?.done.catch(() => undefined);
    await this.#take(machine, name, () =>
      this.#rows.change(machineName, name, (row) =>
        toResumed(row, this.#holder, (holder) => this.#isHeldElsewhere(holder)),
      ),
    );
  }

  /** True when it counts as running, but the process that ran it has died or given it up: `resume` would continue it. */
  async isOrphaned(machine: string, name: string): Promise<boolean> {
    const row = await this.#rows.get(machine, name);
    return row.status === "running" && !this.#isHeld(row, machine, name);
  }

  /** The execution once nothing of it runs here any more; at once, as it stands, where it is not run here.
   * @throws UnavailableError or what else the ledger threw, when a step of it could not be recorded. */
  async settled(machine: string, name: string): Promise<Execution> {
    await this.#held.get(toId(machine, name))?.done;
    return this.describe(machine, name);
  }

  /** Ends what runs here and leaves it to be resumed. Waits for tasks that still act, up to the grace. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const held = [...this.#held.values()];
    for (const { execution } of held) execution.release();
    await Promise.allSettled(held.map(({ done }) => done));
  }

  /** Claims the execution and runs it in the background. False when it is run here already, or `claim` gave no row. */
  async #take(
    machine: LocalMachine,
    name: string,
    claim: () => Promise<ExecutionRow | undefined>,
  ): Promise<boolean> {
    const id = toId(machine.name, name);
    const earlier = this.#held.get(id);
    if (earlier !== undefined) {
      await earlier.claimed;
      return false;
    }
    const execution = this.#newExecution(machine, name);
    const claimed = Promise.resolve().then(claim);
    const done = claimed.then((row) => (row === undefined ? undefined : execution.run(row)));
    const held: Held = { execution, claimed, done: done.finally(() => this.#held.delete(id)) };
    // Whoever waits in `settled` is told; nobody has to be.
    held.done.catch(() => undefined);
    this.#held.set(id, held);
    return (await claimed) !== undefined;
  }

  #newExecution(machine: LocalMachine, name: string): LocalExecution {
    const { tasks, onState, stopPollMs, closeGraceMs } = this.#options;
    return new LocalExecution({
      rows: this.#rows,
      machine,
      name,
      tasks,
      onState: onState ?? (() => undefined),
      stopPollMs: stopPollMs ?? DEFAULT_STOP_POLL_MS,
      closeGraceMs: closeGraceMs ?? DEFAULT_CLOSE_GRACE_MS,
    });
  }

  /** Somebody who lives runs it. */
  #isHeld({ holder }: ExecutionRow, machine: string, name: string): boolean {
    if (holder === null) return false;
    return this.#isHeldElsewhere(holder) || this.#held.has(toId(machine, name));
  }

  #isHeldElsewhere(holder: Holder): boolean {
    return holder.instance !== this.#holder.instance && isAlive(holder);
  }

  #open(machineName: string): LocalMachine {
    if (this.#isClosed) throw new UnavailableError("the state machines of this process are closed");
    const machine = this.#machines.get(machineName);
    if (machine === undefined) throw new NotFoundError(`there is no state machine ${machineName}`);
    return machine;
  }
}

function toExecutionInput(input: Json): Json {
  try {
    return toPayload("the input of an execution", input);
  } catch (error) {
    if (error instanceof TaskFailure) throw new InvalidInputError(error.message, { cause: error });
    throw error;
  }
}

function toId(machine: string, name: string): string {
  return `${machine}/${name}`;
}
