import { currentProcess } from "@steward/adapters";
import { ConflictError, type Ledger, UnavailableError } from "@steward/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InterpreterBench } from "../../support/interpreter-bench.ts";
import { aChain, aMachine, aScriptedTask, aTask, HeldTask } from "../../support/state-machine-fixtures.ts";

let bench: InterpreterBench;

beforeEach(() => {
  bench = new InterpreterBench();
});

afterEach(async () => {
  expect(await bench.close()).toEqual([]);
});

describe("the hold on an execution", () => {
  it("is given up by close, and the next adapter continues where it stood", async () => {
    const held = new HeldTask();
    const first = aScriptedTask([]);
    const tasks = { first: first.task, hold: held.task };
    const one = bench.open(aChain("First", "Hold"), tasks);
    await one.start("m", "r1", { a: 1 });
    await held.called();
    const closed = one.close();
    held.finish("done");
    await closed;
    const two = bench.open(aChain("First", "Hold"), tasks);
    const orphaned = await two.isOrphaned("m", "r1");

    await two.resume("m", "r1");

    expect(orphaned).toBe(true);
    expect(await two.settled("m", "r1")).toMatchObject({ status: "succeeded", output: "done" });
    expect(first.inputs).toEqual([{ a: 1 }]);
    expect(held.inputs).toEqual([{ a: 1 }, { a: 1 }]);
  });

  it("stays with a closed adapter while a task of it still acts", async () => {
    const held = new HeldTask();
    const one = bench.open(aChain("Hold"), { hold: held.task });
    await one.start("m", "r1", {});
    await held.called();

    await one.close();

    const two = bench.open(aChain("Hold"), { hold: held.task });
    expect(await two.isOrphaned("m", "r1")).toBe(false);
    held.finish(null);
  });

  it("starts and resumes nothing more after close", async () => {
    const machines = bench.open(aChain("First"), { first: aScriptedTask([]).task });
    await machines.close();

    await expect(machines.start("m", "r1", {})).rejects.toMatchObject({ name: "UnavailableError" });
    await expect(machines.resume("m", "r1")).rejects.toMatchObject({ name: "UnavailableError" });
  });

  it("is not taken from another adapter of the same process", async () => {
    const held = new HeldTask();
    const one = bench.open(aChain("Hold"), { hold: held.task });
    const two = bench.open(aChain("Hold"), { hold: held.task });
    await one.start("m", "r1", {});
    await held.called();

    await two.resume("m", "r1");
    held.finish("done");

    expect((await one.settled("m", "r1")).output).toBe("done");
    expect(held.inputs).toHaveLength(1);
  });

  it("is void when its pid belongs to another process by now", async () => {
    const held = new HeldTask();
    const one = bench.open(
      aChain("Hold"),
      { hold: held.task },
      { holder: { pid: currentProcess().pid, startedAt: "before" } },
    );
    await one.start("m", "r1", {});
    await held.called();
    const two = bench.open(aChain("Hold"), { hold: async () => "second" });

    await two.resume("m", "r1");

    expect((await two.settled("m", "r1")).output).toBe("second");
    held.finish("first");
    expect((await one.settled("m", "r1")).output).toBe("second");
  });

  it("lost to another, lets no later task act and changes nothing more", async () => {
    const held = new HeldTask();
    const second = aScriptedTask([]);
    const machines = bench.open(aChain("Hold", "Second"), { hold: held.task, second: second.task });
    await machines.start("m", "r1", {});
    await held.called();
    await bench.changeRow({ attempt: 2 });
    const taken = await bench.row();

    held.finish("done");
    await machines.settled("m", "r1");

    expect(second.inputs).toEqual([]);
    expect(await bench.row()).toEqual(taken);
  });

  it("ends at the next state when another asks for a stop", async () => {
    const held = new HeldTask();
    const second = aScriptedTask([]);
    const one = bench.open(
      aChain("Hold", "Second"),
      { hold: held.task, second: second.task },
      { stopPollMs: 60_000 },
    );
    const two = bench.open(aChain("Hold", "Second"), { hold: held.task, second: second.task });
    await one.start("m", "r1", {});
    await held.called();
    await two.stop("m", "r1", "cancelled by hand");

    held.finish("done");

    expect(await one.settled("m", "r1")).toMatchObject({ status: "aborted", cause: "cancelled by hand" });
    expect(second.inputs).toEqual([]);
  });

  it("keeps the end that came before the holder saw the request to stop", async () => {
    const held = new HeldTask();
    const one = bench.open(aChain("Hold"), { hold: held.task }, { stopPollMs: 60_000 });
    const two = bench.open(aChain("Hold"), { hold: held.task });
    await one.start("m", "r1", {});
    await held.called();
    await two.stop("m", "r1", "cancelled by hand");

    held.finish("done");

    expect(await one.settled("m", "r1")).toMatchObject({
      status: "succeeded",
      output: "done",
      cause: undefined,
    });
  });

  it("refuses to continue in a state that the machine no longer has", async () => {
    const machines = bench.open(aChain("First"), {
      first: aScriptedTask([new ConflictError("met another")]).task,
    });
    await machines.start("m", "r1", {});
    await machines.settled("m", "r1");
    const changed = bench.open(aChain("Second"), { second: aScriptedTask([]).task });

    await expect(changed.resume("m", "r1")).rejects.toMatchObject({
      name: "InvalidInputError",
      message: "execution r1 stood in First, which m no longer has",
    });
  });
});

/** The bench's ledger, with something before each write. */
function aLedger(beforePut: () => Promise<void>): Ledger {
  const { ledger } = bench;
  return {
    find: (key) => ledger.find(key),
    list: (partition, prefix) => ledger.list(partition, prefix),
    remove: (key, expected) => ledger.remove(key, expected),
    put: async (key, body, expected) => {
      await beforePut();
      return ledger.put(key, body, expected);
    },
  };
}

describe("a slow ledger", () => {
  it("is waited for before a task acts", async () => {
    let puts = 0;
    const entry = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const slow = aLedger(async () => {
      puts += 1;
      if (puts !== 2) return;
      asked.resolve();
      await entry.promise;
    });
    const first = aScriptedTask([]);
    const machines = bench.open(aChain("First"), { first: first.task }, { ledger: slow });
    await machines.start("m", "r1", {});
    await asked.promise;
    await new Promise((resolve) => setTimeout(resolve, 20));
    const callsBefore = first.inputs.length;

    entry.resolve();
    await machines.settled("m", "r1");

    expect([callsBefore, first.inputs.length]).toEqual([0, 1]);
  });
});

describe("a ledger that fails", () => {
  it("lets no task act that it could not record, tells who waits, and is resumed when it is back", async () => {
    let putsLeft = 2;
    const failing = aLedger(async () => {
      putsLeft -= 1;
      if (putsLeft < 0) throw new UnavailableError("the ledger is gone");
    });
    const first = aScriptedTask([]);
    const second = aScriptedTask([], () => "done");
    const Catch = [{ ErrorEquals: ["States.ALL"], Next: "Caught" }];
    const machine = aMachine({
      First: aTask("First", { Next: "Second" }),
      Second: aTask("Second", { Catch }),
      Caught: { Type: "Fail" },
    });
    const machines = bench.open(machine, { first: first.task, second: second.task }, { ledger: failing });
    await machines.start("m", "r1", {});

    await expect(machines.settled("m", "r1")).rejects.toThrow("the ledger is gone");
    const calls = second.inputs.length;
    putsLeft = 99;
    const orphaned = await machines.isOrphaned("m", "r1");
    await machines.resume("m", "r1");

    expect((await machines.settled("m", "r1")).output).toBe("done");
    expect([calls, orphaned]).toEqual([0, true]);
  });
});
