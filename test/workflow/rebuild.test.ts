// The rebuild as a definition, and as the interpreter runs it: which way it goes, and where failure leads.

import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  DifferencesFoundError,
  type Json,
  LeaseHeldError,
  UnavailableError,
  WriteFailedError,
} from "@steward/core";
import type { StateMachine } from "@steward/workflows/asl.ts";
import { type RebuildTasks, rebuildWorkflow } from "@steward/workflows/rebuild.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InterpreterBench } from "../support/interpreter-bench.ts";
import {
  danglingEdges,
  nextOf,
  reachableFrom,
  tasksOf,
  unfoundedRetries,
  validate,
} from "../support/machine-rules.ts";

const ROOT = join(import.meta.dirname, "../..");
const LAMBDA = "arn:aws:lambda:eu-central-1:123456789012:function:";
const tasks: RebuildTasks = {
  acquireLease: `${LAMBDA}acquire-lease`,
  planRebuild: `${LAMBDA}plan-rebuild`,
  runBatch: "arn:aws:states:::glue:startJobRun.sync",
  enqueueChunks: `${LAMBDA}enqueue-chunks`,
  awaitWrites: `${LAMBDA}await-writes`,
  catchUpStream: `${LAMBDA}catch-up-stream`,
  verifyRebuild: `${LAMBDA}verify-rebuild`,
  finishRun: `${LAMBDA}finish-run`,
  failRun: `${LAMBDA}fail-run`,
};
const machine = rebuildWorkflow({ tasks, glueJobs: "steward-rebuild" });
const taskStates = tasksOf(machine);

describe("rebuildWorkflow", () => {
  it("passes the validator of Amazon States Language", () => {
    const { isValid, errorsText } = validate(machine);

    expect(isValid ? "" : errorsText()).toBe("");
  });

  it("leads from every state to one that exists, reaches all of them and can end from each", () => {
    const names = Object.keys(machine.States);
    const reached = reachableFrom(machine, machine.StartAt);
    const endless = names.filter((name) => {
      const ends = reachableFrom(machine, name);
      return !ends.has("Rebuilt") && !ends.has("Rebuild failed");
    });

    expect(danglingEdges(machine)).toEqual([]);
    expect(names.filter((name) => !reached.has(name))).toEqual([]);
    expect(endless).toEqual([]);
  });

  it("ends well only after writes have settled, the stream is caught up and the compare is done", () => {
    const waysTo = (name: string): readonly string[] =>
      Object.entries(machine.States).flatMap(([from, state]) => (nextOf(state).includes(name) ? [from] : []));

    expect(waysTo("Catch up stream")).toEqual(["Are all writes settled?", "Is the stream caught up?"]);
    expect(waysTo("Verify rebuild")).toEqual(["Is the stream caught up?", "Is all compared?"]);
    expect(waysTo("Finish run")).toEqual(["Is all compared?"]);
    expect(waysTo("Rebuilt")).toEqual(["Finish run"]);
  });

  it("reads the suppressions before it takes the snapshot, and takes it before it writes", () => {
    expect(reachableFrom(machine, "Plan rebuild", ["Snapshot records", "Fail run"])).toEqual(
      new Set(["Plan rebuild"]),
    );
    expect(reachableFrom(machine, "Snapshot records", ["Enqueue chunks", "Fail run"])).toEqual(
      new Set(["Snapshot records"]),
    );
  });

  it("says nothing that the local engine gets wrong", () => {
    expect(JSON.stringify(machine)).not.toMatch(
      /Assign|\$\$\.|\$states|Timestamp|"IsPresent":false|QueryLanguage|HeartbeatSeconds|waitForTaskToken/,
    );
  });
});

describe("each task of the rebuild", () => {
  it.each(taskStates)("%s is timed, tried again with jitter and a ceiling, and caught", (name, task) => {
    expect(task.TimeoutSeconds).toBeGreaterThan(0);
    expect(task.TimeoutSeconds).toBeLessThanOrEqual(name === "Snapshot records" ? 28_800 : 900);
    for (const { JitterStrategy, MaxAttempts, MaxDelaySeconds, IntervalSeconds } of task.Retry) {
      expect(JitterStrategy).toBe("FULL");
      expect(MaxAttempts).toBeGreaterThan(0);
      expect(MaxDelaySeconds).toBeGreaterThan(IntervalSeconds);
    }
    expect(unfoundedRetries(task)).toEqual([]);
    expect(task.Catch).toMatchObject([
      { ErrorEquals: ["States.ALL"], Next: name === "Fail run" ? "Rebuild failed" : "Fail run" },
    ]);
  });

  it.each(taskStates)("%s is told its run and attempt, and no more", (name, { Parameters }) => {
    if (name === "Snapshot records") {
      expect(Parameters["JobName.$"]).toBe("States.Format('steward-rebuild-{}', $.group)");
      expect(Parameters.Arguments).toEqual({
        "--run_id.$": "$.runId",
        "--attempt.$": "States.Format('{}', $.attempt)",
        "--step": "snapshot",
        "--job-bookmark-option": "job-bookmark-disable",
      });
    } else {
      const { "error.$": error, ...ref } = Parameters;
      expect(ref).toEqual({ "runId.$": "$.runId", "attempt.$": "$.attempt" });
      expect(error).toBe(name === "Fail run" ? "$.error" : undefined);
    }
  });

  it.each(taskStates.filter(([name]) => name !== "Snapshot records"))(
    "%s is a function and a file of core under the same name",
    (name, { Resource }) => {
      const file = `${Resource.slice(LAMBDA.length)}.ts`;

      expect(`${name.toLowerCase().replaceAll(" ", "-")}.ts`).toBe(file);
      expect(existsSync(join(ROOT, "functions/rebuild", file))).toBe(true);
      expect(existsSync(join(ROOT, "packages/core/src/rebuild", file))).toBe(true);
    },
  );
});

describe("the rebuild on the interpreter", () => {
  let bench: InterpreterBench;
  let entered: string[];

  beforeEach(() => {
    bench = new InterpreterBench();
    entered = [];
  });

  afterEach(async () => {
    expect(await bench.close()).toEqual([]);
  });

  it("goes from the lease to the end, waiting for workers and comparing as often as it takes", async () => {
    const run = await rebuild("plan", {
      awaitWrites: [{ drained: false }, { drained: true }],
      catchUpStream: [{ done: false }, { done: true }],
      verifyRebuild: [{ done: false }, { done: false }, { done: true }],
      finishRun: [{ outcome: "succeeded" }],
    });

    expect(run).toMatchObject({ status: "succeeded", output: { report: { outcome: "succeeded" } } });
    expect(entered).toEqual([
      "Acquire lease",
      "Where to begin?",
      "Plan rebuild",
      "Snapshot records",
      "Enqueue chunks",
      "Await writes",
      "Are all writes settled?",
      "Wait for workers",
      "Await writes",
      "Are all writes settled?",
      "Catch up stream",
      "Is the stream caught up?",
      "Catch up stream",
      "Is the stream caught up?",
      "Verify rebuild",
      "Is all compared?",
      "Verify rebuild",
      "Is all compared?",
      "Verify rebuild",
      "Is all compared?",
      "Finish run",
      "Rebuilt",
    ]);
  });

  it("begins a redrive at its writes, with the lease and without a new plan", async () => {
    await rebuild("writes");

    expect(entered.slice(0, 4)).toEqual([
      "Acquire lease",
      "Where to begin?",
      "Enqueue chunks",
      "Await writes",
    ]);
    expect(entered).not.toContain("Plan rebuild");
    expect(entered.at(-1)).toBe("Rebuilt");
  });

  it.each([
    ["the lease is held", "acquireLease", new LeaseHeldError("run r0 is at work")],
    ["chunks cannot be written", "awaitWrites", new WriteFailedError("1 of 2 chunks")],
    ["the stores differ", "verifyRebuild", new DifferencesFoundError("1 of 9 records")],
  ] as const)(
    "fails at once when %s, after the step that leaves nothing half done",
    async (_, task, error) => {
      const failures: Json[] = [];

      const run = await rebuild("plan", { [task]: [error] }, failures);

      expect(run).toMatchObject({ status: "failed", error: "RebuildFailed" });
      expect(entered.slice(-2)).toEqual(["Fail run", "Rebuild failed"]);
      expect(failures).toEqual([
        {
          runId: "r1",
          attempt: 2,
          error: { Error: error.name, Cause: expect.stringContaining(error.message) },
        },
      ]);
    },
  );

  it("tries a step again while a store is away, and does not plan twice for it", async () => {
    const away = new UnavailableError("Redis cannot be used");

    const run = await rebuild("plan", { awaitWrites: [away, { drained: true }] });

    expect(run.status).toBe("succeeded");
    expect(entered.filter((state) => state === "Plan rebuild")).toHaveLength(1);
  });

  it("fails though the step that cleans up fails as well", async () => {
    const run = await rebuild("plan", {
      planRebuild: [new LeaseHeldError("taken")],
      failRun: [new WriteFailedError("no ledger")],
    });

    expect(run).toMatchObject({ status: "failed", error: "RebuildFailed" });
  });

  /** Runs the machine with tasks that answer, or throw, what they are told, then what lets the run go on. */
  async function rebuild(
    begin: "plan" | "writes",
    script: Partial<Record<keyof RebuildTasks, readonly (Json | Error)[]>> = {},
    failures: Json[] = [],
  ) {
    const goOn: Partial<Record<keyof RebuildTasks, Json>> = {
      awaitWrites: { drained: true },
      catchUpStream: { done: true },
      verifyRebuild: { done: true },
    };
    const scripted = Object.entries(tasks).map(([name, resource]) => {
      const answers = [...(script[name as keyof RebuildTasks] ?? [])];
      const task = async (input: Json): Promise<Json> => {
        if (name === "failRun") failures.push(input);
        const answer = answers.shift() ?? goOn[name as keyof RebuildTasks] ?? {};
        if (answer instanceof Error) throw answer;
        return answer;
      };
      return [resource, task] as const;
    });
    const machines = bench.open(withShortWait(machine), Object.fromEntries(scripted), {
      onState: (_machine, _execution, state) => entered.push(state),
    });
    await machines.start("m", "r1", { runId: "r1", attempt: 2, group: "g", begin });
    return machines.settled("m", "r1");
  }
});

function withShortWait({ States, StartAt }: StateMachine) {
  return {
    StartAt,
    States: { ...States, "Wait for workers": { Type: "Wait", Seconds: 0, Next: "Await writes" } },
  };
}
