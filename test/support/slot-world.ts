// Processes that look at the schedules of one ledger, go forward one ledger call at a time, and are killed in the middle.
// Their runs are real rows and leases; what a run computes is left out.

import {
  acquireLease,
  type ControlPorts,
  DEFAULT_SETTINGS,
  type FeatureGroup,
  type Ledger,
  listRuns,
  NotFoundError,
  type Run,
  releaseLease,
  runDueSlots,
  toEpochMs,
  updateRun,
} from "@steward/core";
import { aLedger, anObjectStore, DrivenTimer } from "./durable-stores.ts";
import { type Actor, startActor } from "./ledger-steps.ts";

const EXECUTIONS = "test-executions";

export class SlotWorld {
  nowMs: number;
  readonly ledger: Ledger = aLedger();
  readonly groups: readonly FeatureGroup[];
  readonly timer = new DrivenTimer();
  /** As-ofs of the runs that came to their end, a group, in that order. */
  readonly finished = new Map<string, number[]>();
  readonly #objects = anObjectStore();
  readonly #dead = new Set<string>();
  readonly #looks = new Map<number, { readonly process: string; readonly actor: Actor }>();
  #lives = 0;
  #ids = 0;
  /** The file that is handed in is always another: the runs' event table is left out too. */
  #changes = 0;

  constructor(groups: readonly FeatureGroup[], nowMs: number) {
    this.groups = groups;
    this.nowMs = nowMs;
  }

  /** What the process works with: its ledger calls may be held up, its death is seen by all others. */
  portsOf(process: string, ledger: Ledger = this.ledger): ControlPorts {
    return {
      ledger,
      objects: this.#objects,
      settings: DEFAULT_SETTINGS,
      timer: this.timer,
      clock: { now: () => toEpochMs(this.nowMs) },
      ids: { runId: () => `r${String(++this.#ids).padStart(6, "0")}` },
      incoming: { list: async () => [{ name: "/drop/a.csv", sizeBytes: 1, modifiedAtMs: ++this.#changes }] },
      definitions: {
        list: () => this.groups,
        get: (name: string) => this.groups.find((group) => group.name === name),
      },
      holders: { current: () => process, isGone: (holder: string) => this.#dead.has(holder) },
      stateMachines: this.#stateMachines(process, ledger),
    } as unknown as ControlPorts;
  }

  /** Lets the process at this place make its next call; it begins a look where it is between two. */
  async step(place: number): Promise<void> {
    let look = this.#looks.get(place);
    if (look === undefined) {
      const process = `p${place}-${++this.#lives}`;
      const act = async (ledger: Ledger): Promise<void> => {
        for (const outcome of await runDueSlots(this.portsOf(process, ledger)))
          if (outcome.kind === "failed") throw outcome.error;
      };
      look = { process, actor: startActor(this.ledger, act) };
      this.#looks.set(place, look);
    }
    if (!(await look.actor.step())) this.#looks.delete(place);
  }

  /** The process never makes another call. */
  kill(place: number): void {
    const look = this.#looks.get(place);
    if (look === undefined) return;
    this.#dead.add(look.process);
    this.#looks.delete(place);
  }

  killAll(): void {
    for (const place of [...this.#looks.keys()]) this.kill(place);
  }

  /** Every execution of a living process goes on: to its lease first, then to its end. */
  async work(): Promise<void> {
    for (const { sort, body } of await this.ledger.list(EXECUTIONS)) {
      const process = String(body.process);
      const run = (await listRuns(this.ledger)).find(({ runId }) => sort.startsWith(`${runId}-`));
      if (run?.status !== "running" || this.#dead.has(process)) continue;
      const ports = this.portsOf(process);
      if (run.token === 0) {
        const token = await acquireLease(ports, run, run.runId, DEFAULT_SETTINGS.leaseMs);
        await updateRun(this.ledger, run.runId, (present) => ({ ...present, token }));
      } else await this.end(run, "succeeded");
    }
  }

  async end(run: Run, status: "succeeded" | "failed"): Promise<void> {
    const error = status === "failed" ? { name: "DataRejectedError", message: "bad" } : null;
    await updateRun(this.ledger, run.runId, (present) => ({ ...present, status, error }));
    await releaseLease(this.ledger, run, (await this.#run(run.runId)).token);
    this.finished.set(run.group, [...(this.finished.get(run.group) ?? []), run.asOfMs]);
  }

  /** Looks with a process that nobody disturbs until nothing more happens. */
  async quiet(): Promise<void> {
    const ports = this.portsOf(`last-${++this.#lives}`);
    for (let idle = 0; idle < 3; ) {
      const outcomes = await runDueSlots(ports);
      const failed = outcomes.find((outcome) => outcome.kind === "failed");
      if (failed?.kind === "failed") throw failed.error;
      const before = JSON.stringify(await listRuns(this.ledger));
      await this.work();
      idle = outcomes.length === 0 && before === JSON.stringify(await listRuns(this.ledger)) ? idle + 1 : 0;
    }
  }

  async #run(runId: string): Promise<Run> {
    return updateRun(this.ledger, runId, () => undefined);
  }

  /** Executions are items of the same ledger, so that a kill may fall between a run's row and its execution. */
  #stateMachines(process: string, ledger: Ledger): Partial<ControlPorts["stateMachines"]> {
    const key = (name: string) => ({ partition: EXECUTIONS, sort: name });
    return {
      start: async (_machine, name) => {
        await ledger.put(key(name), { process }, "absent");
      },
      resume: async (_machine, name) => {
        const item = await ledger.find(key(name));
        if (item === undefined) throw new NotFoundError(name);
        if (this.#dead.has(String(item.body.process))) await ledger.put(key(name), { process }, item);
      },
    };
  }
}
