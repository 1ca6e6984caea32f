// Decides how one execution runs in this process: every state is in the ledger before a task of it acts,
// and whoever lost the execution acts no more. Leaves who may run it to InterpreterStateMachines.

import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { Json } from "@steward/core";
import { type RunOptions, StateMachine } from "aws-local-stepfunctions";
import type { ExecutionRow, ExecutionRows } from "./execution-rows.ts";
import { stateInputOf, toAborted, toEnded, toEntered } from "./execution-transitions.ts";
import type { LocalMachine, LocalTask } from "./local-machine.ts";
import { failureOf, outcomeOf, type RunOutcome } from "./run-outcome.ts";
import { callTask, type Task, TaskFailure } from "./task-call.ts";

export interface LocalExecutionOptions {
  readonly rows: ExecutionRows;
  readonly machine: LocalMachine;
  readonly name: string;
  readonly tasks: Readonly<Record<string, Task>>;
  readonly onState: OnState;
  readonly stopPollMs: number;
  readonly closeGraceMs: number;
}

/** Told of every state of a machine as it is entered. */
export type OnState = (machine: string, name: string, state: string) => void;

/** Why this process ceased to run it, other than by its own end. */
type Leaving =
  | { readonly kind: "stopped" | "lost" | "released" }
  | { readonly kind: "faulted"; readonly error: unknown }
  | { readonly kind: "refused"; readonly outcome: RunOutcome };

export class LocalExecution {
  readonly #options: LocalExecutionOptions;
  readonly #inFlight = new Set<Promise<Json>>();
  #attempt = 0;
  #abort: () => void = () => undefined;
  #leaving: Leaving | undefined;
  #current = { state: "", failed: false };
  #entered: { readonly state: string; readonly input: Json } | undefined;
  #writing: Promise<void> | undefined;

  constructor(options: LocalExecutionOptions) {
    this.#options = options;
  }

  /** Runs it from the state that the row stands in. Settles when nothing more of it is decided here; rejects only when the ledger could not be written. */
  async run(row: ExecutionRow): Promise<void> {
    this.#attempt = row.attempt;
    const { machine, name } = this.#options;
    const definition = { ...machine.definition, StartAt: row.state };
    const interpreter = new StateMachine(definition, { validationOptions: { noValidate: true } });
    const run = interpreter.run(stateInputOf(row) as Parameters<StateMachine["run"]>[0], {
      overrides: { taskResourceLocalHandlers: this.#handlers() },
      context: { Execution: { Name: name }, StateMachine: { Name: machine.name } },
    });
    this.#abort = run.abort;
    // Released or stopped between its claim and now.
    if (this.#leaving !== undefined) run.abort();
    const poll = setInterval(() => void this.#honourStopRequest(), this.#options.stopPollMs);
    poll.unref();
    const followed = this.#follow(run.eventLogs);
    const outcome = await outcomeOf(run.result, machine.failCauses);
    await followed;
    await this.#writing;
    clearInterval(poll);
    await this.#conclude(outcome);
  }

  /** Ends it for good; one that has ended stays as it is. */
  async stop(reason: string): Promise<void> {
    await this.#change((row) => toAborted(row, reason));
    this.#leave({ kind: "stopped" });
  }

  /** Ends it here and leaves it to be resumed; `run` settles once no task of it acts here, or the grace is over. */
  release(): void {
    this.#leave({ kind: "released" });
  }

  #leave(leaving: Leaving): void {
    if (this.#leaving !== undefined) return;
    this.#leaving = leaving;
    this.#abort();
  }

  /** Reads the events as they come, without waiting for the ledger: `#callWhenEntered` counts on that. */
  async #follow(events: ReturnType<StateMachine["run"]>["eventLogs"]): Promise<void> {
    const topStates = this.#options.machine.definition.States;
    for await (const event of events) {
      if (!("state" in event) || !Object.hasOwn(topStates, event.state.name)) continue;
      if (event.type === "StateEntered") this.#enter(event.state.name, event.state.input);
      if (event.type === "StateFailed") this.#current.failed = true;
      if (event.type === "StateRetried") this.#current.failed = false;
    }
  }

  #enter(state: string, input: Json): void {
    const { machine, name, onState } = this.#options;
    this.#current = { state, failed: false };
    this.#entered = { state, input };
    this.#writing ??= this.#writeEntries();
    try {
      onState(machine.name, name, state);
    } catch {
      // Telling about the progress must not be able to end it.
    }
  }

  /** Writes the newest entry until there is none: a state that was left again before its turn needs no row. */
  async #writeEntries(): Promise<void> {
    try {
      while (this.#entered !== undefined && this.#leaving === undefined) {
        const { state, input } = this.#entered;
        this.#entered = undefined;
        const written = await this.#change((row) => toEntered(row, state, input));
        if (written === undefined) this.#leave({ kind: "lost" });
        if (written?.status === "aborted") this.#leave({ kind: "stopped" });
      }
    } catch (error) {
      const isRefused = error instanceof TaskFailure;
      this.#leave(
        isRefused
          ? { kind: "refused", outcome: failureOf(error, this.#options.machine.failCauses) }
          : { kind: "faulted", error },
      );
    }
    this.#writing = undefined;
  }

  async #honourStopRequest(): Promise<void> {
    const { rows, machine, name } = this.#options;
    try {
      const row = await rows.find(machine.name, name);
      if (row === undefined || row.stopRequest === null) return;
      await this.stop(row.stopRequest);
    } catch {
      // The next entry of a state asks again, and reports a ledger that is gone.
    }
  }

  #handlers() {
    const handlers: NonNullable<NonNullable<RunOptions["overrides"]>["taskResourceLocalHandlers"]> = {};
    for (const task of this.#options.machine.tasks) {
      handlers[task.stateName] = (input) => {
        const call = this.#callWhenEntered(task, input);
        this.#inFlight.add(call);
        // Also where the interpreter has ceased to listen: a rejection must find a handler.
        call.catch(() => undefined).finally(() => this.#inFlight.delete(call));
        return call as ReturnType<(typeof handlers)[string]>;
      };
    }
    return handlers;
  }

  /**
   * A task acts only while its state stands in the ledger as the current one of this attempt. The interpreter calls the
   * task in the turn in which it tells of the entry, so that one turn later `#follow` has seen it. Refused too are the
   * items of a Map that it still starts after the Map has failed, and a state that it retries after an abort.
   */
  async #callWhenEntered({ stateName, resource, topState }: LocalTask, input: Json): Promise<Json> {
    await nextTurn();
    await this.#writing;
    const task = this.#options.tasks[resource];
    const isCurrent = this.#current.state === topState && !this.#current.failed;
    if (this.#leaving !== undefined || !isCurrent || task === undefined) {
      throw new TaskFailure("States.Runtime", `task ${stateName} is not to run any more`, { terminal: true });
    }
    return callTask(stateName, task, input);
  }

  async #conclude(outcome: RunOutcome): Promise<void> {
    const leaving = this.#leaving;
    switch (leaving?.kind) {
      case undefined:
        await this.#change((row) => toEnded(row, outcome));
        return;
      case "refused":
        await this.#change((row) => toEnded(row, leaving.outcome));
        return;
      case "stopped":
      case "lost":
        return;
      case "released":
        await this.#giveUp();
        return;
      case "faulted":
        await this.#giveUp().catch(() => undefined);
        throw leaving.error;
    }
  }

  /** Names nobody as the holder, once nothing acts here any more; a task that outlasts the grace keeps it. */
  async #giveUp(): Promise<void> {
    const grace = new AbortController();
    const isIdle = await Promise.race([
      Promise.allSettled([...this.#inFlight]).then(() => true),
      sleep(this.#options.closeGraceMs, false, { signal: grace.signal }).catch(() => false),
    ]);
    grace.abort();
    if (isIdle) await this.#change((row) => ({ ...row, holder: null }));
  }

  /** Changes the row if this attempt still owns it. */
  #change(change: (row: ExecutionRow) => ExecutionRow): Promise<ExecutionRow | undefined> {
    const { rows, machine, name } = this.#options;
    return rows.change(machine.name, name, (row) =>
      row.status === "running" && row.attempt === this.#attempt ? change(row) : undefined,
    );
  }
}
