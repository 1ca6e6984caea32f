// Decides what an alarm of a stage is, as data, and turns one into CloudWatch's own. Leaves which there are to others.

import type { Alarm } from "@steward/core";
import { metricNamespace, named } from "./names.ts";
import type { Pages } from "./pages.ts";

export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, $util.Input<string>>>;
  readonly statistic: "Maximum" | "Minimum" | "Sum" | "Average" | "SampleCount";
}

export interface AlarmSpec {
  /** Kebab case; the alarm is called `steward-<stage>-<name>`. */
  readonly name: string;
  /** What is wrong while it is on, in one sentence. */
  readonly text: string;
  /** A page under docs/, with its heading. */
  readonly runbook: string;
  /** Wakes somebody, or is read in the morning because Steward sees to it, or because it can wait. */
  readonly tier: "page" | "notice";
  /** One metric; or several, by id, and what is made of them. */
  readonly metric: Metric | { readonly of: Readonly<Record<string, Metric>>; readonly expression: string };
  readonly comparison:
    | "GreaterThanThreshold"
    | "GreaterThanOrEqualToThreshold"
    | "LessThanThreshold"
    | "LessThanOrEqualToThreshold";
  readonly threshold: number;
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly treatMissingData: "breaching" | "notBreaching";
}

/** Core's alarm, as CloudWatch has it. Those of groups are notices: remediation sees to them, and pages when it cannot. */
export function fromCore(alarm: Alarm): AlarmSpec {
  const { name, text, runbook, comparison, threshold, periodMs, statistic, metric, treatMissingData } = alarm;
  return {
    name,
    text,
    runbook,
    tier: alarm.group === undefined ? "page" : "notice",
    metric: { namespace: metricNamespace(), name: metric.name, dimensions: metric.dimensions, statistic },
    comparison,
    threshold,
    periodSeconds: periodMs / 1_000,
    evaluationPeriods: alarm.evaluationPeriods,
    datapointsToAlarm: alarm.datapointsToAlarm,
    treatMissingData,
  };
}

/** `chunk-dead-letters` is `ChunkDeadLettersAlarm`. */
const idOf = (name: string): string =>
  `${name.replace(/(^|-)(\w)/g, (_, _dash, letter: string) => letter.toUpperCase())}Alarm`;

export function createAlarm(spec: AlarmSpec, { pages, notices }: Pages) {
  const topic = spec.tier === "page" ? pages : notices;
  return new aws.cloudwatch.MetricAlarm(idOf(spec.name), {
    name: named(spec.name),
    alarmDescription: `${spec.text}. Runbook: ${spec.runbook}`,
    ...toMetric(spec),
    comparisonOperator: spec.comparison,
    threshold: spec.threshold,
    evaluationPeriods: spec.evaluationPeriods,
    datapointsToAlarm: spec.datapointsToAlarm,
    treatMissingData: spec.treatMissingData,
    alarmActions: [topic.arn],
    okActions: [topic.arn],
  });
}

function toMetric({ metric, periodSeconds }: AlarmSpec) {
  if (!("of" in metric)) {
    const { namespace, name, dimensions, statistic } = metric;
    return { namespace, metricName: name, dimensions: { ...dimensions }, statistic, period: periodSeconds };
  }
  const metrics = Object.entries(metric.of).map(([id, { namespace, name, dimensions, statistic }]) => ({
    id,
    metric: {
      namespace,
      metricName: name,
      dimensions: { ...dimensions },
      stat: statistic,
      period: periodSeconds,
    },
  }));
  return {
    metricQueries: [
      { id: "result", expression: metric.expression, label: "result", returnData: true },
      ...metrics,
    ],
  };
}
