// What runs on one machine is what a stage deploys: functions, time-outs, environment, queue, schedules, machines, routes. That
// alarms are the same stands in alarms.test.ts.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { toSettings } from "@steward/core";
import * as features from "@steward/features";
import { PORT_VARIABLES, type PortName } from "@steward/functions/_account/environment.ts";
import type { Scope } from "@steward/functions/_runtime/scope.ts";
import { getOpenApi } from "@steward/functions/api/openapi-get.ts";
import { ROUTES } from "@steward/functions/api/routes.ts";
import {
  buildWorkflows,
  CHUNK_WORKER,
  CONCERNS,
  fileOfTask,
  STREAM_CONSUMER,
  TASKS,
  UPKEEP,
  WORKFLOWS,
  type WorkflowResources,
} from "@steward/workflows/inventory.ts";
import { describe, expect, inject, it } from "vitest";
import { LOCAL_RESOURCES, taskHandlers } from "../../packages/local/src/tasks.ts";
import NEEDS from "../../stacks/needs.json" with { type: "json" };
import { all, type Graph, one } from "./graph.ts";

const graphs = Object.values(inject("graphs"));
const FUNCTION = "aws:lambda/function:Function";
const LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:";
const noScope = {} as Scope;

/** `steward-prod-refresh-plan-refresh` is `refresh-plan-refresh`. */
const unstaged = (graph: Graph, name: string): string => name.slice(`steward-${graph.stage}-`.length);
const functionsOf = (graph: Graph) =>
  new Map(all(graph, FUNCTION).map(({ inputs }) => [unstaged(graph, inputs.name), inputs]));

describe.each(graphs)("a machine and the stage $stage", (graph) => {
  const functions = functionsOf(graph);

  it("run the same functions: those behind states, the worker, upkeep, the streams' consumer and the routes", () => {
    const behindStates = Object.keys(taskHandlers(noScope))
      .filter((resource) => resource !== LOCAL_RESOURCES.runBatch)
      .map((resource) => resource.split(":").at(-1));
    const tasks = WORKFLOWS.flatMap((workflow) => TASKS[workflow].map((task) => `${workflow}-${task}`));
    const files = WORKFLOWS.flatMap((workflow) =>
      TASKS[workflow].map((task) => `${workflow}-${fileOfTask(task)}`),
    );
    const upkeep = CONCERNS.map((concern) => `upkeep-${UPKEEP[concern].file}`);
    const routes = [...functions.keys()].filter((name) => name.startsWith("api-"));

    expect(behindStates).toEqual(tasks);
    expect([...functions.keys()].sort()).toEqual(
      [
        ...files,
        `writing-${CHUNK_WORKER.file}`,
        ...upkeep,
        `upkeep-${STREAM_CONSUMER.file}`,
        ...routes,
      ].sort(),
    );
    expect(routes).toHaveLength(ROUTES.length + 1);
  });

  it("run the same state machines, but for what stands behind a state", () => {
    const deployed: WorkflowResources = {
      functionOf: (workflow, task) => `${LAMBDA}steward-${graph.stage}-${workflow}-${fileOfTask(task)}`,
      runBatch: LOCAL_RESOURCES.runBatch,
      glueJobsOf: (workflow) => `steward-${graph.stage}-${workflow}`,
    };
    for (const [workflow, machine] of Object.entries(buildWorkflows(deployed))) {
      const { inputs } = one(graph, "aws:sfn/stateMachine:StateMachine", `Workflow-${workflow}`);
      expect(JSON.parse(inputs.definition)).toEqual(machine);
    }
    expect(Object.keys(buildWorkflows(LOCAL_RESOURCES))).toEqual([...WORKFLOWS]);
  });

  it("give a step as long as its state waits for it", () => {
    for (const [workflow, machine] of Object.entries(buildWorkflows(LOCAL_RESOURCES)))
      for (const state of Object.values(machine.States)) {
        if (state.Type !== "Task" || state.Resource === LOCAL_RESOURCES.runBatch) continue;
        const task =
          state.Resource.split(":")
            .at(-1)
            ?.slice(workflow.length + 1) ?? "";
        expect(functions.get(`${workflow}-${fileOfTask(task)}`)?.timeout).toBe(state.TimeoutSeconds);
      }
  });

  it("run a job for each group and each workflow that has batch steps, as the machines name them", () => {
    const wanted = ["refresh", "rebuild"].flatMap((workflow) =>
      Object.values(features).map(({ name }) => `steward-${graph.stage}-${workflow}-${name}`),
    );
    const jobs = all(graph, "aws:glue/job:Job");

    expect(jobs.map(({ inputs }) => inputs.name).sort()).toEqual(wanted.sort());
    for (const { inputs } of jobs) expect(inputs.executionProperty).toEqual({ maxConcurrentRuns: 1 });
  });

  it("keep the same settings, but for the pace and the period of checks of an account", () => {
    const { unitsPerSecond, checkPeriodMs, ...rest } = toSettings(
      JSON.parse(functions.get("refresh-plan-refresh")?.environment.variables.STEWARD_SETTINGS),
    );
    const { unitsPerSecond: _, checkPeriodMs: __, ...own } = toSettings({});

    expect(rest).toEqual(own);
    expect({ unitsPerSecond, checkPeriodMs }).toEqual({ unitsPerSecond: 1_000, checkPeriodMs: 300_000 });
  });

  it("hand a chunk out as often, to a worker that lives as long", () => {
    const own = toSettings({});
    const worker = functions.get(`writing-${CHUNK_WORKER.file}`);
    const { inputs } = one(graph, "aws:sqs/queue:Queue", "Queue-chunks");

    expect(JSON.parse(inputs.redrivePolicy).maxReceiveCount).toBe(own.maxReceives);
    expect(worker?.timeout).toBe(own.workerLifeMs / 1_000 + CHUNK_WORKER.graceSeconds);
    expect(
      one(graph, "aws:lambda/eventSourceMapping:EventSourceMapping", "ChunkSource").inputs,
    ).toMatchObject({
      batchSize: 1,
      scalingConfig: { maximumConcurrency: CHUNK_WORKER.atOnce.account },
    });
  });

  it("look after the same concerns, an account once a minute or more seldom", () => {
    const schedules = new Map(
      all(graph, "aws:scheduler/schedule:Schedule").map(({ inputs }) => [
        unstaged(graph, inputs.name),
        inputs,
      ]),
    );
    const wanted = [...CONCERNS.map((concern) => UPKEEP[concern]), STREAM_CONSUMER];

    expect([...schedules.keys()].sort()).toEqual(wanted.map(({ file }) => `upkeep-${file}`).sort());
    for (const { file, everyMinutes, seconds } of wanted) {
      const { scheduleExpression, target } = schedules.get(`upkeep-${file}`) ?? {};
      expect(scheduleExpression).toBe(`rate(${everyMinutes} minute${everyMinutes === 1 ? "" : "s"})`);
      expect(target.arn).toBe(`${LAMBDA}steward-${graph.stage}-upkeep-${file}`);
      expect(functions.get(`upkeep-${file}`)?.timeout).toBe(seconds);
    }
    expect(JSON.parse(schedules.get(`upkeep-${STREAM_CONSUMER.file}`)?.target.input)).toEqual({
      readSeconds: STREAM_CONSUMER.readSeconds,
    });
  });

  it("answer the same routes", () => {
    const served = [...ROUTES, getOpenApi].map(({ definition }) => definition.routeKey);

    expect(
      all(graph, "aws:apigatewayv2/route:Route")
        .map(({ inputs }) => inputs.routeKey)
        .sort(),
    ).toEqual(served.sort());
  });

  it("tell a function what its own ports are opened by, and nothing else", () => {
    for (const [name, needs] of Object.entries(NEEDS)) {
      const variables = functions.get(name.replace("/", "-"))?.environment.variables;
      if (name.startsWith("batch/")) continue; // a job of Glue's
      const wanted = (Object.keys(needs) as PortName[]).flatMap((port) => PORT_VARIABLES[port]);
      const given = Object.keys(variables ?? {}).filter((key) => key !== "NODE_PATH");

      expect([name, given.sort()]).toEqual([
        name,
        [...new Set(["STEWARD_SETTINGS", ...wanted.map((variable) => `STEWARD_${variable}`)])].sort(),
      ]);
    }
  });

  it("name their batch step's environment by the same table", () => {
    const { inputs } = one(graph, "aws:glue/job:Job", "Job-refresh-customer-purchases");
    const given = Object.keys(JSON.parse(inputs.defaultArguments["--environment"]));
    const wanted = (Object.keys(NEEDS["batch/run-batch"]) as PortName[]).flatMap(
      (port) => PORT_VARIABLES[port],
    );

    expect(given.sort()).toEqual(
      [...new Set(["STEWARD_SETTINGS", ...wanted.map((variable) => `STEWARD_${variable}`)])].sort(),
    );
  });
});

it("the script that Glue starts passes on what a state machine gives a job", () => {
  const script = readFileSync(resolve(import.meta.dirname, "../../glue/run_batch.py"), "utf8");
  const { refresh } = buildWorkflows(LOCAL_RESOURCES);
  const state = refresh.States["Compute features"];
  if (state?.Type !== "Task") throw new Error("the refresh has no batch step");
  const names = Object.keys(state.Parameters.Arguments as object)
    .map((name) => name.replace(".$", ""))
    .filter((name) => name !== "--job-bookmark-option");

  expect(/^ARGUMENTS = \((.*)\)$/m.exec(script)?.[1]?.replaceAll('"', "").split(", ")).toEqual(names);
});
