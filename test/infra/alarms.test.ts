import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { alarmsOf, UNCERTIFIED_ERASURE, UNFINISHED_ERASURE } from "@steward/core";
import * as features from "@steward/features";
import { CONCERNS, UPKEEP, WORKFLOWS } from "@steward/workflows/inventory.ts";
import { describe, expect, inject, it } from "vitest";
import { all, type Graph, type GraphResource, one, toList } from "./graph.ts";

const graphs = Object.values(inject("graphs"));
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const ROOT = resolve(import.meta.dirname, "../..");

describe.each(graphs)("the alarms of $stage", (graph) => {
  const alarms = all(graph, ALARM);
  const named = (name: string) => `steward-${graph.stage}-${name}`;

  it("are all that a laptop evaluates, by the same metric, threshold and periods of the account", () => {
    const ofCore = alarmsOf(Object.values(features), { checkPeriodMs: 300_000 });

    expect(ofCore.length).toBeGreaterThan(20);
    for (const { name, metric, threshold, comparison, statistic, ...rest } of ofCore) {
      const deployed = alarms.find(({ inputs }) => inputs.name === named(name));
      expect(deployed?.inputs, name).toMatchObject({
        namespace: `Steward/${graph.stage}`,
        metricName: metric.name,
        dimensions: metric.dimensions,
        threshold,
        comparisonOperator: comparison,
        statistic,
        period: 300,
        evaluationPeriods: rest.evaluationPeriods,
        datapointsToAlarm: rest.datapointsToAlarm,
        treatMissingData: "breaching",
      });
      expect(deployed?.inputs.alarmDescription).toBe(`${rest.text}. Runbook: ${rest.runbook}`);
    }
  });

  it("tell a topic when they go on and when they go off, and say what missing data means", () => {
    const topics = ["pages", "notices"].map((name) => `arn:aws:sns:us-east-1:123456789012:${named(name)}`);

    for (const { inputs } of alarms) {
      expect(topics).toContain(inputs.alarmActions?.[0]);
      expect(inputs.okActions).toEqual(inputs.alarmActions);
      expect(["breaching", "notBreaching"]).toContain(inputs.treatMissingData);
      expect(inputs.actionsEnabled).not.toBe(false);
    }
  });

  it("each name a page of docs/runbooks, and a heading that is on it", () => {
    expect(alarms.flatMap(({ inputs }) => runbookFaults(inputs.alarmDescription))).toEqual([]);
  });

  it("wake nobody for what remediation sees to, and somebody where nothing does", () => {
    const tierOf = (name: string) =>
      alarms
        .find(({ inputs }) => inputs.name === named(name))
        ?.inputs.alarmActions[0].split("-")
        .at(-1);

    expect(tierOf("freshness-customer-loyalty-hot")).toBe("notices");
    expect(tierOf("workflow-failed-refresh")).toBe("notices");
    expect(tierOf("workflow-failed-erasure")).toBe("pages");
    expect(tierOf("workflow-failed-remediation")).toBe("pages");
    expect(tierOf("freshness-checker")).toBe("pages");
    expect(tierOf("chunk-dead-letters")).toBe("pages");
  });

  it("look at the erasures that are late, by the figures that continue-finishes puts", () => {
    for (const [name, { name: metricName, dimensions }] of [
      ["erasure-uncertified", UNCERTIFIED_ERASURE],
      ["erasure-unfinished", UNFINISHED_ERASURE],
    ] as const) {
      const alarm = alarms.find(({ inputs }) => inputs.name === named(name));
      // A data point comes every five minutes; none where nothing is open.
      expect(alarm?.inputs).toMatchObject({
        metricName,
        dimensions,
        period: 600,
        treatMissingData: "notBreaching",
      });
      expect(alarm?.inputs.threshold).toBeLessThan(30 * 86_400);
    }
  });

  it("look at every workflow, queue, ledger and stream, and at every function that a schedule calls: that it works and that it is called", () => {
    const names = alarms.map(({ inputs }) => inputs.name);
    const files = [...CONCERNS.map((concern) => UPKEEP[concern].file), "consume-streams"];

    expect(names).toEqual(
      expect.arrayContaining([
        ...WORKFLOWS.map((workflow) => named(`workflow-failed-${workflow}`)),
        ...["chunks-stand-still", "chunk-age", "ledger-throttles", "stream-age-activity"].map(named),
        ...files.flatMap((file) => [named(`function-errors-${file}`), named(`stands-still-${file}`)]),
      ]),
    );
  });

  it("look at every queue, state machine, stream, table and node of the stage", () => {
    const watched = new Set(alarms.flatMap(dimensionValues));

    expect(watched.size).toBeGreaterThan(20);
    expect(namesToWatch(graph).filter((name) => !watched.has(name))).toEqual([]);
  });

  it("keep CloudWatch's limits: a week of periods, a day of short ones, ten metrics an expression", () => {
    for (const { inputs } of alarms) {
      const queries = toList(inputs.metricQueries);
      const metrics = queries.filter(({ metric }) => metric !== undefined);
      const periodS = inputs.period ?? metrics[0].metric.period;
      expect(metrics.length).toBeLessThanOrEqual(10);
      expect(queries.filter(({ returnData }) => returnData === true).length).toBe(queries.length > 0 ? 1 : 0);
      expect(periodS % 60).toBe(0);
      expect(periodS * inputs.evaluationPeriods).toBeLessThanOrEqual(periodS < 3_600 ? 86_400 : 604_800);
      expect(inputs.datapointsToAlarm).toBeLessThanOrEqual(inputs.evaluationPeriods);
    }
  });
});

/** Faults of a description's link: `docs/runbooks/queue.md#chunks-stand-still`. */
function runbookFaults(description: string): readonly string[] {
  const [, page, anchor] =
    /Runbook: (docs\/runbooks\/[a-z-]+\.md)(?:#([a-z0-9-]+))?$/.exec(description) ?? [];
  if (page === undefined || !existsSync(resolve(ROOT, page))) return [`no runbook: ${description}`];
  const headings = [...readFileSync(resolve(ROOT, page), "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    (heading ?? "")
      .toLowerCase()
      .replace(/[^a-z0-9 -]/g, "")
      .replaceAll(" ", "-"),
  );
  return anchor === undefined || headings.includes(anchor) ? [] : [`${page} has no heading #${anchor}`];
}

function dimensionValues({ inputs }: GraphResource): readonly string[] {
  const metrics = toList(inputs.metricQueries).flatMap(({ metric }) => metric ?? []);
  return [inputs, ...metrics].flatMap(({ dimensions }) => Object.values<string>(dimensions ?? {}));
}

function namesToWatch(graph: Graph): readonly string[] {
  const names = (type: string) => all(graph, type).map(({ inputs, id }) => String(inputs.name ?? id));
  const nodes = all(graph, "aws:elasticache/replicationGroup:ReplicationGroup").map(
    ({ inputs }) => `${inputs.replicationGroupId}-0001-001`,
  );
  return [
    ...names("aws:sqs/queue:Queue"),
    ...names("aws:kinesis/stream:Stream"),
    ...names("aws:dynamodb/table:Table"),
    ...all(graph, "aws:sfn/stateMachine:StateMachine").map(({ id }) => String(id)),
    ...nodes,
  ];
}

it("the dashboard shows every alarm of its stage, and a graph of each one's figures", () => {
  for (const graph of graphs) {
    const { inputs } = one(graph, "aws:cloudwatch/dashboard:Dashboard", "OperationsDashboard");
    const { widgets } = JSON.parse(inputs.dashboardBody);
    const shown = widgets.flatMap(
      (widget: { properties: { alarms?: string[] } }) => widget.properties.alarms ?? [],
    );
    const figures = new Set(
      widgets.flatMap((widget: { properties: { metrics?: string[][] } }) =>
        (widget.properties.metrics ?? []).map((line) => `${line[0]} ${line[1]}`),
      ),
    );

    expect(shown).toHaveLength(all(graph, ALARM).length);
    for (const { inputs: alarm } of all(graph, ALARM).filter(
      ({ inputs: each }) => each.metricName !== undefined,
    ))
      expect(figures).toContain(`${alarm.namespace} ${alarm.metricName}`);
  }
});
