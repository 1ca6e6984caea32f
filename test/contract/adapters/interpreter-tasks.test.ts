import { ConflictError, type Json, type LedgerBody, UnavailableError } from "@steward/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InterpreterBench } from "../../support/interpreter-bench.ts";
import {
  type Asl,
  aChain,
  aMachine,
  aScriptedTask,
  aTask,
  HeldTask,
  type TestTask,
} from "../../support/state-machine-fixtures.ts";

const LIMIT_BYTES = 256 * 1_024;

let bench: InterpreterBench;

beforeEach(() => {
  bench = new InterpreterBench();
});

afterEach(async () => {
  expect(await bench.close()).toEqual([]);
});

describe("a task", () => {
  it("receives and returns what JSON can say, as Lambda does", async () => {
    const second = aScriptedTask([]);
    const first = async () => ({ at: new Date(0), gone: undefined }) as unknown as Json;

    const { output } = await bench.run(aChain("First", "Second"), { first, second: second.task });

    expect(output).toEqual({ at: "1970-01-01T00:00:00.000Z" });
    expect(Object.keys(second.inputs[0] as object)).toEqual(["at"]);
  });

  it("returns null when it returns nothing", async () => {
    const first = async () => undefined as unknown as Json;

    expect(await bench.run(aChain("First"), { first })).toMatchObject({ status: "succeeded", output: null });
  });

  it("leaves only what JSON can say to the states after it", async () => {
    const first = async () => ({ at: new Date(0) }) as unknown as Json;
    const machine = aMachine({
      First: aTask("First", { Next: "Ask" }),
      Ask: {
        Type: "Choice",
        Choices: [{ Variable: "$.at", StringEquals: "1970-01-01T00:00:00.000Z", Next: "Text" }],
        Default: "Object",
      },
      Text: { Type: "Succeed" },
      Object: { Type: "Fail", Error: "NotJson" },
    });

    expect((await bench.run(machine, { first })).status).toBe("succeeded");
  });

  it("cannot change the input that its next attempt is given", async () => {
    const inputs: number[] = [];
    const first: TestTask = async (input) => {
      const { list } = input as { list: number[] };
      inputs.push(list.length);
      list.push(99);
      if (inputs.length === 1) throw new UnavailableError("busy");
      return null;
    };
    const Retry = [{ ErrorEquals: ["UnavailableError"], IntervalSeconds: 1, JitterStrategy: "FULL" }];

    await bench.run(aMachine({ First: aTask("First", { Retry }) }), { first }, { list: [1] });

    expect(inputs).toEqual([1, 1]);
  });

  it("fails with an Error though it threw something else, without quoting it", async () => {
    const first = aScriptedTask(["secret words"]);

    expect(await bench.run(aChain("First"), { first: first.task })).toMatchObject({
      status: "failed",
      error: "Error",
      cause: "task First threw a value of type string, not an Error",
    });
  });

  it("finds its own state and its input in the ledger when it is called", async () => {
    const rows: LedgerBody[] = [];
    const task: TestTask = async (input) => {
      rows.push(await bench.row());
      return { after: input };
    };

    await bench.run(aChain("First", "Second"), { first: task, second: task }, { a: 1 });

    expect(rows).toMatchObject([
      { status: "running", state: "First", stateInput: null, input: { a: 1 } },
      { status: "running", state: "Second", stateInput: { value: { after: { a: 1 } } }, input: { a: 1 } },
    ]);
  });
});

describe("Retry and Catch", () => {
  const retry = [
    {
      ErrorEquals: ["UnavailableError"],
      IntervalSeconds: 1,
      MaxDelaySeconds: 2,
      MaxAttempts: 2,
      JitterStrategy: "FULL",
    },
  ];

  it("retries by the name of the error", async () => {
    const first = aScriptedTask([new UnavailableError("busy")], () => "done");
    const machine = aMachine({ First: aTask("First", { Retry: retry }) });

    expect((await bench.run(machine, { first: first.task })).output).toBe("done");
    expect(first.inputs).toHaveLength(2);
  });

  it("does not retry an error of another name", async () => {
    const first = aScriptedTask([new ConflictError("met another")]);
    const machine = aMachine({ First: aTask("First", { Retry: retry }) });

    expect((await bench.run(machine, { first: first.task })).error).toBe("ConflictError");
    expect(first.inputs).toHaveLength(1);
  });

  it("hands a Catch the error's name and, as AWS does, a cause in JSON", async () => {
    const first = aScriptedTask([new ConflictError("met another")]);
    const tidy = aScriptedTask([]);
    const machine = aMachine({
      First: aTask("First", {
        Catch: [
          { ErrorEquals: ["UnavailableError"], Next: "Wrong" },
          { ErrorEquals: ["ConflictError"], ResultPath: "$.failure", Next: "Tidy" },
        ],
      }),
      Tidy: aTask("Tidy", { Next: "Fail" }),
      Fail: { Type: "Fail", Error: "RunFailed", Cause: "the run was tidied up" },
      Wrong: { Type: "Fail" },
    });

    const execution = await bench.run(machine, { first: first.task, tidy: tidy.task }, { a: 1 });

    expect(execution).toMatchObject({ status: "failed", error: "RunFailed", cause: "the run was tidied up" });
    const cause = '{"errorType":"ConflictError","errorMessage":"met another"}';
    expect(tidy.inputs).toEqual([{ a: 1, failure: { Error: "ConflictError", Cause: cause } }]);
  });

  it("catches States.Timeout once TimeoutSeconds are over", async () => {
    const held = new HeldTask();
    const machine = aMachine({
      Hold: aTask("Hold", {
        TimeoutSeconds: 1,
        Catch: [{ ErrorEquals: ["States.Timeout"], ResultPath: "$.failure", Next: "Late" }],
      }),
      Late: { Type: "Pass", Parameters: { "error.$": "$.failure.Error" }, End: true },
    });

    expect((await bench.run(machine, { hold: held.task })).output).toEqual({ error: "States.Timeout" });
    held.finish(null);
  });

  it("ends as timed out when the machine's own time is over", async () => {
    const held = new HeldTask();

    const execution = await bench.run({ ...aChain("Hold"), TimeoutSeconds: 1 }, { hold: held.task });

    held.finish(null);
    expect(execution).toMatchObject({ status: "timedOut", error: "States.Timeout" });
  });
});

describe("the data limit", () => {
  const guarded = (name: string, fields: Asl = {}) =>
    aTask(name, { Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught" }], ...fields });
  const Caught = { Type: "Succeed" };
  const limited = { status: "failed", error: "States.DataLimitExceeded" };
  /** As JSON: two quotes more than its characters. */
  const textOf = (bytes: number) => "x".repeat(bytes - 2);

  it("lets a result of 256 KiB through", async () => {
    const first = aScriptedTask([], () => textOf(LIMIT_BYTES));

    expect(
      (await bench.run(aMachine({ First: guarded("First"), Caught }), { first: first.task })).output,
    ).toHaveLength(LIMIT_BYTES - 2);
  });

  it("ends the execution at a result of one byte more, past Retry and Catch of States.ALL", async () => {
    const first = aScriptedTask([], () => textOf(LIMIT_BYTES + 1));
    const Retry = [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 1 }];

    expect(
      await bench.run(aMachine({ First: guarded("First", { Retry }), Caught }), { first: first.task }),
    ).toMatchObject({
      ...limited,
      cause: "the result of task First is 262145 bytes, above the 262144 that a payload may have",
    });
    expect(first.inputs).toHaveLength(1);
  });

  it("does not call a task whose input is above it", async () => {
    const first = aScriptedTask([]);
    const Parameters = { "one.$": "$", "two.$": "$" };
    const machine = aMachine({ First: guarded("First", { Parameters }), Caught });

    expect(await bench.run(machine, { first: first.task }, "x".repeat(140_000))).toMatchObject(limited);
    expect(first.inputs).toEqual([]);
  });

  it("holds between states that are no tasks, and at the end", async () => {
    const Parameters = { "one.$": "$", "two.$": "$", "three.$": "$", "four.$": "$" };
    const Grow = { Type: "Pass", Parameters };
    const between = aMachine({
      Grow: { ...Grow, Next: "Shrink" },
      Shrink: { Type: "Pass", Result: 1, End: true },
    });
    const atEnd = aMachine({ Grow: { ...Grow, End: true } });
    const input = "x".repeat(66_000);

    const machines = bench.open(between, {}, { machines: { between, atEnd } });
    await machines.start("between", "r1", input);
    await machines.start("atEnd", "r1", input);

    expect(await machines.settled("between", "r1")).toMatchObject(limited);
    expect(await machines.settled("atEnd", "r1")).toMatchObject(limited);
  });
});
