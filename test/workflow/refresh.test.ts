// The refresh as a definition: every way through it leads somewhere, every step is timed, tried again and caught.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { executionName } from "@steward/core";
import { type RefreshTasks, refreshWorkflow } from "@steward/workflows/refresh.ts";
import { describe, expect, it } from "vitest";
import {
  danglingEdges,
  errorsOfCore,
  nextOf,
  reachableFrom as reachable,
  tasksOf,
  unfoundedRetries,
  validate,
} from "../support/machine-rules.ts";

const ROOT = join(import.meta.dirname, "../..");
const LAMBDA = "arn:aws:lambda:eu-central-1:123456789012:function:";
const GLUE = "arn:aws:states:::glue:startJobRun.sync";
const tasks: RefreshTasks = {
  acquireLease: `${LAMBDA}acquire-lease`,
  planRefresh: `${LAMBDA}plan-refresh`,
  runBatch: GLUE,
  commitEvents: `${LAMBDA}commit-events`,
  checkOutput: `${LAMBDA}check-output`,
  publishOffline: `${LAMBDA}publish-offline`,
  enqueueChunks: `${LAMBDA}enqueue-chunks`,
  awaitWrites: `${LAMBDA}await-writes`,
  commitWatermark: `${LAMBDA}commit-watermark`,
  finishRun: `${LAMBDA}finish-run`,
  failRun: `${LAMBDA}fail-run`,
};
const machine = refreshWorkflow({ tasks, glueJobs: "steward-refresh" });
const states = Object.entries(machine.States);
const taskStates = tasksOf(machine);
const reachableFrom = (start: string, without: readonly string[] = []) => reachable(machine, start, without);
const lambdaStates = taskStates.filter(([, { Resource }]) => Resource !== GLUE);

describe("refreshWorkflow", () => {
  it("passes the validator of Amazon States Language", () => {
    const { isValid, errorsText } = validate(machine);

    expect(isValid ? "" : errorsText()).toBe("");
  });

  it("is refused by that validator once a Next leads nowhere", () => {
    const broken = {
      ...machine,
      States: { ...machine.States, "Wait for workers": { Type: "Wait", Seconds: 5, Next: "Nowhere" } },
    };

    expect(validate(broken).isValid).toBe(false);
  });

  it("leads from every state to one that exists", () => {
    expect(danglingEdges(machine)).toEqual([]);
    expect(machine.States).toHaveProperty([machine.StartAt]);
  });

  it("reaches every state from its start", () => {
    expect(states.map(([name]) => name).filter((name) => !reachableFrom(machine.StartAt).has(name))).toEqual(
      [],
    );
  });

  it("can end from every state, well or badly", () => {
    const endless = states.filter(([name]) => {
      const reached = reachableFrom(name);
      return !reached.has("Refreshed") && !reached.has("Refresh failed");
    });

    expect(endless).toEqual([]);
  });

  it("has each input of a choice written by a step on every way to it", () => {
    const written = new Set(["$.begin", ...taskStates.map(([, { ResultPath }]) => ResultPath)]);
    const read = states.flatMap(([, state]) =>
      state.Type === "Choice" ? state.Choices.map(({ Variable }) => Variable) : [],
    );

    expect(
      read.filter((path) => ![...written].some((from) => path === from || path.startsWith(`${from}.`))),
    ).toEqual([]);
    expect(read).toHaveLength(4);
  });

  it("commits the watermark after all writes have settled and on no other way", () => {
    const before = states
      .filter(([, state]) => nextOf(state).includes("Commit watermark"))
      .map(([name]) => name);

    expect(before).toEqual(["Are all writes settled?"]);
    expect(reachableFrom("Commit watermark", ["Fail run"])).toEqual(
      new Set(["Commit watermark", "Finish run", "Refreshed"]),
    );
  });

  it("publishes offline before it writes online and hot, and checks before it publishes", () => {
    expect(reachableFrom("Plan refresh", ["Check output"])).not.toContain("Publish offline");
    expect(reachableFrom("Plan refresh", ["Publish offline"])).not.toContain("Enqueue chunks");
  });

  it("begins a redrive at its writes, without a new plan", () => {
    expect(machine.States["Where to begin?"]).toMatchObject({
      Choices: [{ Variable: "$.begin", StringEquals: "writes", Next: "Enqueue chunks" }],
      Default: "Plan refresh",
    });
    expect(executionName({ runId: "r", attempt: 1, redrives: 0 })).not.toBe(
      executionName({ runId: "r", attempt: 1, redrives: 1 }),
    );
  });

  it("stays within 25,000 events for eight hours of writing", () => {
    const wait = machine.States["Wait for workers"];
    const roundSeconds = 15 + (wait?.Type === "Wait" ? wait.Seconds : 0);

    expect(((8 * 3_600) / roundSeconds) * 13).toBeLessThan(25_000);
  });

  it("says nothing that the local engine gets wrong", () => {
    const text = JSON.stringify(machine);

    expect(text).not.toMatch(
      /Assign|\$\$\.State\.Name|\$\$\.Execution\.(Input|StartTime)|\$states|Timestamp/,
    );
    expect(text).not.toMatch(/"IsPresent":false/);
    expect(text).not.toMatch(/QueryLanguage|HeartbeatSeconds|waitForTaskToken/);
  });

  it("carries pointers alone from step to step", () => {
    for (const [, { Parameters }] of lambdaStates) {
      const { "runId.$": runId, "attempt.$": attempt, ...rest } = Parameters;

      expect({ runId, attempt }).toEqual({ runId: "$.runId", attempt: "$.attempt" });
      expect(Object.keys(rest).filter((key) => key !== "outcome" && key !== "error.$")).toEqual([]);
    }
    expect(lambdaStates.length).toBeGreaterThan(10);
  });
});

describe("each task of the refresh", () => {
  it.each(taskStates)(
    "%s states a time-out, tries again with jitter and a ceiling, and is caught",
    (_, task) => {
      expect(task.TimeoutSeconds).toBeGreaterThan(0);
      expect(task.TimeoutSeconds).toBeLessThanOrEqual(24 * 3_600);
      expect(task.Retry.length).toBeGreaterThan(0);
      for (const {
        JitterStrategy,
        MaxAttempts,
        MaxDelaySeconds,
        IntervalSeconds,
        BackoffRate,
      } of task.Retry) {
        expect(JitterStrategy).toBe("FULL");
        expect(MaxAttempts).toBeGreaterThan(0);
        expect(MaxDelaySeconds).toBeGreaterThan(IntervalSeconds);
        expect(BackoffRate).toBeGreaterThan(1);
      }
      expect(task.Catch?.flatMap(({ ErrorEquals }) => ErrorEquals)).toContain("States.ALL");
    },
  );

  it.each(taskStates)("%s tries again only on names that core or AWS throw, and that may pass", (_, task) => {
    expect(unfoundedRetries(task)).toEqual([]);
  });

  it.each(taskStates)(
    "%s leads to the failed end through the step that leaves nothing half done",
    (name, task) => {
      const caught = task.Catch?.map(({ Next }) => Next);

      expect(caught).toEqual([name === "Fail run" ? "Refresh failed" : "Fail run"]);
      expect(reachableFrom(name)).toContain("Refresh failed");
    },
  );

  it.each(taskStates)("%s keeps its result, and its error, beside the reference to its run", (_, task) => {
    expect(task.ResultPath).toMatch(/^\$\.[a-z]+$/i);
    expect(["$.runId", "$.attempt", "$.begin"]).not.toContain(task.ResultPath);
    expect(task.Catch?.every(({ ResultPath }) => ResultPath !== task.ResultPath)).toBe(true);
  });

  it.each(lambdaStates)("%s is a function and a file of core under the same name", (name, { Resource }) => {
    const file = `${Resource.slice(LAMBDA.length)}.ts`;

    expect(
      name === "Finish unchanged run" ? "finish-run.ts" : `${name.toLowerCase().replaceAll(" ", "-")}.ts`,
    ).toBe(file);
    expect(existsSync(join(ROOT, "functions/refresh", file))).toBe(true);
    expect(existsSync(join(ROOT, "packages/core/src/refresh", file))).toBe(true);
  });

  it("waits for a Glue job as long as the job itself may take, and no step as long as Lambda's 15 minutes", () => {
    const seconds = (isGlue: boolean) =>
      taskStates
        .filter(([, { Resource }]) => (Resource === GLUE) === isGlue)
        .map(([, task]) => task.TimeoutSeconds);

    expect(seconds(true)).toEqual([28_800, 28_800]);
    expect(Math.max(...seconds(false))).toBeLessThanOrEqual(900);
  });
});

describe("the errors of core", () => {
  it("carry the name that a state machine matches, each its class's own", () => {
    expect([...errorsOfCore().keys()].sort()).toEqual([
      "ConflictError",
      "DataRejectedError",
      "DefinitionError",
      "DifferencesFoundError",
      "InvalidInputError",
      "LeaseHeldError",
      "LeaseLostError",
      "NotFoundError",
      "UnavailableError",
      "WriteFailedError",
    ]);
  });
});
