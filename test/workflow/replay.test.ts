// The replay as a definition, then on the interpreter: every way through it leads somewhere, every step is timed, tried
// again and caught.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Json, LeaseHeldError, UnavailableError } from "@steward/core";
import { type ReplayTasks, replayWorkflow } from "@steward/workflows/replay.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InterpreterBench } from "../support/interpreter-bench.ts";
import {
  danglingEdges,
  reachableFrom,
  tasksOf,
  unfoundedRetries,
  validate,
} from "../support/machine-rules.ts";

const ROOT = join(import.meta.dirname, "../..");
const LAMBDA = "arn:aws:lambda:eu-central-1:123456789012:function:";
const tasks: ReplayTasks = {
  acquireLease: `${LAMBDA}acquire-lease`,
  replayStream: `${LAMBDA}replay-stream`,
  finishRun: `${LAMBDA}finish-run`,
  failRun: `${LAMBDA}fail-run`,
};
const machine = replayWorkflow({ tasks });
const taskStates = tasksOf(machine);

describe("replayWorkflow", () => {
  it("passes the validator, leads nowhere that is not, and reaches every state", () => {
    const { isValid, errorsText } = validate(machine);

    expect(isValid ? "" : errorsText()).toBe("");
    expect(danglingEdges(machine)).toEqual([]);
    expect(reachableFrom(machine, machine.StartAt)).toEqual(new Set(Object.keys(machine.States)));
  });

  it.each(taskStates)(
    "%s is timed, tried again with reason, caught, and a file under its name",
    (name, task) => {
      expect(task.TimeoutSeconds).toBeGreaterThan(0);
      expect(unfoundedRetries(task)).toEqual([]);
      expect(task.Catch).toMatchObject([
        { ErrorEquals: ["States.ALL"], Next: name === "Fail run" ? "Replay failed" : "Fail run" },
      ]);
      const file = `${name.toLowerCase().replaceAll(" ", "-")}.ts`;
      expect(task.Resource).toBe(`${LAMBDA}${file.replace(".ts", "")}`);
      expect(existsSync(join(ROOT, "functions/replay", file))).toBe(true);
      expect(existsSync(join(ROOT, "packages/core/src/replay", file))).toBe(true);
    },
  );
});

describe("the replay on the interpreter", () => {
  let bench: InterpreterBench;
  let entered: string[];

  beforeEach(() => {
    bench = new InterpreterBench();
    entered = [];
  });

  afterEach(async () => {
    expect(await bench.close()).toEqual([]);
  });

  it("reads on until all is read, then finishes", async () => {
    const run = await replay({ replayStream: [{ done: false }, { done: false }, { done: true }] });

    expect(run.status).toBe("succeeded");
    expect(entered.filter((state) => state === "Replay stream")).toHaveLength(3);
    expect(entered.at(-1)).toBe("Replayed");
  });

  it("reads on after a store was away, and fails at once when the lease is held", async () => {
    const patient = await replay({ replayStream: [new UnavailableError("Redis is away"), { done: true }] });
    const refused = await replay({ acquireLease: [new LeaseHeldError("run r0 is at work")] }, "r2");

    expect(patient.status).toBe("succeeded");
    expect(refused).toMatchObject({ status: "failed", error: "ReplayFailed" });
  });

  async function replay(script: Partial<Record<keyof ReplayTasks, readonly (Json | Error)[]>>, runId = "r1") {
    const scripted = Object.entries(tasks).map(([name, resource]) => {
      const answers = [...(script[name as keyof ReplayTasks] ?? [])];
      const task = async (): Promise<Json> => {
        const answer = answers.shift() ?? (name === "replayStream" ? { done: true } : {});
        if (answer instanceof Error) throw answer;
        return answer;
      };
      return [resource, task] as const;
    });
    const machines = bench.open(JSON.parse(JSON.stringify(machine)), Object.fromEntries(scripted), {
      onState: (_machine, _execution, state) => entered.push(state),
    });
    await machines.start("m", runId, { runId, attempt: 1, group: "g", begin: "plan" });
    return machines.settled("m", runId);
  }
});
