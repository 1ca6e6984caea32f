import { currentProcess, InterpreterStateMachines, isAlive, SqliteLedger } from "@steward/adapters";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PROCESS_MACHINES, STEPS, StateMachineProcesses } from "../../support/state-machine-processes.ts";

let processes: StateMachineProcesses;

beforeEach(() => {
  processes = new StateMachineProcesses();
});

afterEach(() => processes.close());

/** The adapter of this process, over the ledger of the others. It starts nothing. */
function openHere() {
  const ledger = new SqliteLedger({ file: processes.ledgerFile });
  const tasks = Object.fromEntries(STEPS.map((step) => [step.toLowerCase(), async () => null]));
  return new InterpreterStateMachines({ ledger, machines: PROCESS_MACHINES, tasks });
}

describe("InterpreterStateMachines, killed", () => {
  it.each([
    ["One", "before"],
    ["Three", "before"],
    ["Three", "after"],
    ["Five", "before"],
    ["Five", "after"],
  ] as const)("does every step once and calls only %s again, killed %s its effect", async (step, halt) => {
    const killed = await processes.open(step, halt);
    killed.tell({ kind: "start", machine: "steps", name: "r1" });
    await killed.told({ kind: "halted" });
    await killed.kill();
    const next = await processes.open();

    next.tell({ kind: "resume", machine: "steps", name: "r1" });
    await next.told({ kind: "done", of: "resume" });
    next.tell({ kind: "settled", machine: "steps", name: "r1" });

    const { execution } = await next.told({ kind: "done", of: "settled" });
    expect(execution).toMatchObject({ status: "succeeded", output: { name: "r1" } });
    expect(processes.effects()).toEqual(["r1 One", "r1 Two", "r1 Three", "r1 Four", "r1 Five"]);
    expect(processes.calls()).toEqual(
      STEPS.flatMap((name) => (name === step ? [name, name] : [name])).map((name) => `r1 ${name}`),
    );
  });

  it("counts as running and orphaned from the kill on, and not before", async () => {
    const killed = await processes.open("Two", "before");
    const here = openHere();
    killed.tell({ kind: "start", machine: "steps", name: "r1" });
    await killed.told({ kind: "halted" });
    const before = await here.isOrphaned("steps", "r1");

    await killed.kill();

    expect(before).toBe(false);
    expect(await here.isOrphaned("steps", "r1")).toBe(true);
    expect((await here.describe("steps", "r1")).status).toBe("running");
  });

  it("is resumed by exactly one of two processes that try at once", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `r${index}`);
    const killed = await processes.open("One", "before");
    for (const name of names) killed.tell({ kind: "start", machine: "steps", name });
    for (const name of names) await killed.told({ kind: "halted", name });
    await killed.kill();
    const [one, two] = await Promise.all([processes.open(), processes.open()]);

    for (const name of names) {
      one.tell({ kind: "resume", machine: "steps", name });
      two.tell({ kind: "resume", machine: "steps", name });
    }
    for (const name of names) {
      await Promise.all([one.told({ kind: "done", name }), two.told({ kind: "done", name })]);
      one.tell({ kind: "settled", machine: "steps", name });
      two.tell({ kind: "settled", machine: "steps", name });
    }
    for (const name of names) {
      await Promise.all([one.told({ of: "settled", name }), two.told({ of: "settled", name })]);
    }

    const callsOf = (name: string, step: string) =>
      processes.calls().filter((line) => line === `${name} ${step}`).length;
    expect(names.map((name) => callsOf(name, "One"))).toEqual(names.map(() => 2));
    expect(names.map((name) => callsOf(name, "Five"))).toEqual(names.map(() => 1));
  });

  it("can be stopped for good by another process", async () => {
    const killed = await processes.open("Two", "before");
    const here = openHere();
    killed.tell({ kind: "start", machine: "steps", name: "r1" });
    await killed.told({ kind: "halted" });
    await killed.kill();

    await here.stop("steps", "r1", "given up");

    expect(await here.describe("steps", "r1")).toMatchObject({ status: "aborted", cause: "given up" });
  });
});

describe("InterpreterStateMachines, held by another process that lives", () => {
  it("is not resumed here", async () => {
    const other = await processes.open("Two", "before");
    const here = openHere();
    other.tell({ kind: "start", machine: "steps", name: "r1" });
    await other.told({ kind: "halted" });

    await here.resume("steps", "r1");

    await here.settled("steps", "r1");
    expect(processes.calls()).toEqual(["r1 One", "r1 Two"]);
  });

  it("is stopped by its holder on request, within a long wait too", async () => {
    const other = await processes.open();
    const here = openHere();
    other.tell({ kind: "start", machine: "pause", name: "r1" });
    const key = { partition: "execution#pause", sort: "r1" };
    const ledger = new SqliteLedger({ file: processes.ledgerFile });
    // Its start, and the entry of the state: from here on only the wait itself can see a request.
    await expect.poll(async () => (await ledger.find(key))?.version).toBe(2);

    await here.stop("pause", "r1", "cancelled by hand");
    other.tell({ kind: "settled", machine: "pause", name: "r1" });

    const { execution } = await other.told({ kind: "done", of: "settled" });
    expect(execution).toMatchObject({ status: "aborted", cause: "cancelled by hand" });
    expect(await here.describe("pause", "r1")).toMatchObject({
      status: "aborted",
      cause: "cancelled by hand",
    });
  });
});

describe("isAlive", () => {
  it("is true of this process, and of another until it is killed", async () => {
    const here = currentProcess();
    const other = await processes.open();
    const ledger = new SqliteLedger({ file: processes.ledgerFile });
    other.tell({ kind: "start", machine: "pause", name: "r1" });
    await other.told({ kind: "done", of: "start" });
    const item = await ledger.find({ partition: "execution#pause", sort: "r1" });
    const holder = item?.body.holder as { readonly pid: number; readonly startedAt: string };
    const aliveBefore = isAlive(holder);

    await other.kill();

    expect(holder.pid).toBe(other.pid);
    expect([isAlive(here), aliveBefore, isAlive(holder)]).toEqual([true, true, false]);
  });

  it("is false of a process that was given the pid of one that died", () => {
    const { pid, startedAt } = currentProcess();

    expect(isAlive({ pid, startedAt: `${startedAt}0` })).toBe(false);
  });

  it("is false of what can be no process", () => {
    expect([isAlive({ pid: 0, startedAt: "" }), isAlive({ pid: -1, startedAt: "" })]).toEqual([false, false]);
  });
});
