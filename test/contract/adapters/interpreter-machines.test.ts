import { ConflictError, UnavailableError } from "@steward/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { InterpreterBench } from "../../support/interpreter-bench.ts";
import {
  type Asl,
  aMachine,
  aScriptedTask,
  aTask,
  type TestTask,
} from "../../support/state-machine-fixtures.ts";

let bench: InterpreterBench;

beforeEach(() => {
  bench = new InterpreterBench();
});

afterEach(async () => {
  expect(await bench.close()).toEqual([]);
});

describe("loops, Maps and branches", () => {
  it("polls in a loop of Wait and Choice until a task says that it is done", async () => {
    const poll = vi.fn<TestTask>(async (input) => ({ turn: (input as { turn: number }).turn + 1, pause: 0 }));
    const states: string[] = [];
    const machine = aMachine({
      Poll: aTask("Poll", { Next: "Done yet" }),
      "Done yet": {
        Type: "Choice",
        Choices: [{ Variable: "$.turn", NumericLessThan: 4, Next: "Pause" }],
        Default: "Done",
      },
      Pause: { Type: "Wait", SecondsPath: "$.pause", Next: "Poll" },
      Done: { Type: "Succeed" },
    });
    const machines = bench.open(
      machine,
      { poll },
      { onState: (_machine, _name, state) => states.push(state) },
    );

    await machines.start("m", "r1", { turn: 1 });

    expect((await machines.settled("m", "r1")).output).toEqual({ turn: 4, pause: 0 });
    expect(poll).toHaveBeenCalledTimes(3);
    const turn = ["Poll", "Done yet", "Pause"];
    expect(states).toEqual([...turn, ...turn, "Poll", "Done yet", "Done"]);
  });

  const aMap = (fields: Asl = {}) => ({
    Type: "Map",
    ItemsPath: "$.items",
    MaxConcurrency: 2,
    ItemProcessor: aMachine({ Item: aTask("Item") }),
    End: true,
    ...fields,
  });

  it("runs the items of a Map, no more at once than it says, and keeps their order", async () => {
    let running = 0;
    let most = 0;
    const item: TestTask = async (input) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 6 - (input as number)));
      running -= 1;
      return (input as number) * 10;
    };

    const { output } = await bench.run(aMachine({ Each: aMap() }), { item }, { items: [1, 2, 3, 4, 5] });

    expect(output).toEqual([10, 20, 30, 40, 50]);
    expect(most).toBe(2);
  });

  it("calls no further item once one has failed the Map", async () => {
    const item = aScriptedTask([new ConflictError("met another")]);
    const tidy = aScriptedTask([]);
    const Catch = [{ ErrorEquals: ["ConflictError"], ResultPath: null, Next: "Tidy" }];
    const machine = aMachine({ Each: aMap({ MaxConcurrency: 1, Catch }), Tidy: aTask("Tidy") });

    const { status } = await bench.run(
      machine,
      { item: item.task, tidy: tidy.task },
      { items: [1, 2, 3, 4, 5] },
    );
    await new Promise((resolve) => setTimeout(resolve, 50));

    expect(status).toBe("succeeded");
    expect(item.inputs).toEqual([1]);
  });

  it("runs the branches of a Parallel, and resumes it whole", async () => {
    const left = aScriptedTask([], () => "left");
    const right = aScriptedTask([new UnavailableError("busy")], () => "right");
    const Branches = [aMachine({ Left: aTask("Left") }), aMachine({ Right: aTask("Right") })];
    const machines = bench.open(aMachine({ Both: { Type: "Parallel", Branches, End: true } }), {
      left: left.task,
      right: right.task,
    });
    await machines.start("m", "r1", { a: 1 });
    const failed = await machines.settled("m", "r1");

    await machines.resume("m", "r1");

    expect(failed.error).toBe("UnavailableError");
    expect((await machines.settled("m", "r1")).output).toEqual(["left", "right"]);
    expect(right.inputs).toEqual([{ a: 1 }, { a: 1 }]);
  });

  it("gives the tasks the name of the execution where the machine asks for it", async () => {
    const first = aScriptedTask([]);
    const Parameters = { "runId.$": "$$.Execution.Name", "of.$": "$$.StateMachine.Name" };

    expect(
      (await bench.run(aMachine({ First: aTask("First", { Parameters }) }), { first: first.task })).output,
    ).toEqual({
      runId: "r1",
      of: "m",
    });
  });

  it("takes a thousand turns of a loop, each recorded before its task acts, within seconds", async () => {
    const poll: TestTask = async (input) => ({ turn: (input as { turn: number }).turn + 1 });
    const machine = aMachine({
      Poll: aTask("Poll", { Next: "Done yet" }),
      "Done yet": {
        Type: "Choice",
        Choices: [{ Variable: "$.turn", NumericLessThan: 1_000, Next: "Poll" }],
        Default: "Done",
      },
      Done: { Type: "Succeed" },
    });

    expect((await bench.run(machine, { poll }, { turn: 0 })).output).toEqual({ turn: 1_000 });
  }, 15_000);
});

describe("a machine that means something else on Step Functions", () => {
  const task = aTask("First");
  it.each([
    [
      "names a task that is not here",
      aMachine({ Other: aTask("Other") }),
      "state Other names the task other, which is not here",
    ],
    [
      "states no TimeoutSeconds",
      aMachine({ First: { ...task, TimeoutSeconds: undefined } }),
      "state First states no TimeoutSeconds",
    ],
    [
      "waits longer than a timer can",
      aMachine({ Wait: { Type: "Wait", Seconds: 2_147_484, End: true } }),
      "state Wait waits longer than 2147483 s",
    ],
    ["assigns variables", aMachine({ First: { ...task, Assign: { a: 1 } } }), "state First uses Assign"],
    [
      "is written in JSONata",
      aMachine({ First: task }, { QueryLanguage: "JSONata" }),
      "its query language is not JSONPath",
    ],
    [
      "reads the input of the execution",
      aMachine({ First: { ...task, Parameters: { "a.$": "$$.Execution.Input.a" } } }),
      "$$.Execution.Input.a is not the same",
    ],
    [
      "reads its start time",
      aMachine({ First: { ...task, Parameters: { "a.$": "States.Format('{}', $$.Execution.StartTime)" } } }),
      "$$.Execution.StartTime is not the same",
    ],
    [
      "asks whether a field is absent",
      aMachine({
        Ask: { Type: "Choice", Choices: [{ Variable: "$.a", IsPresent: false, Next: "First" }] },
        First: task,
      }),
      "IsPresent: false cannot be run locally",
    ],
    [
      "waits for a task token",
      aMachine({ First: { ...task, Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken" } }),
      "waits for a task token",
    ],
  ])("is refused when it %s", (_title, machine, rule) => {
    expect(() => bench.open(machine, { first: async () => null })).toThrow(
      expect.objectContaining({ name: "DefinitionError", message: expect.stringContaining(rule) }),
    );
  });

  it("is looked for within Maps and Parallels too", () => {
    const inner = aMachine({ Item: { ...aTask("Item"), TimeoutSeconds: undefined } });
    const nested = aMachine({ Each: { Type: "Map", ItemProcessor: inner, End: true } });

    expect(() => bench.open(nested, { item: async () => null })).toThrow(
      "state Item states no TimeoutSeconds",
    );
  });

  it("is refused at its start when it is not Amazon States Language", async () => {
    const machines = bench.open(aMachine({ First: aTask("First", { Next: "Nowhere" }) }), {
      first: async () => null,
    });

    await expect(machines.start("m", "r1", {})).rejects.toMatchObject({ name: "DefinitionError" });
  });
});
