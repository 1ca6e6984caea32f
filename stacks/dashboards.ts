// Decides what one page shows of a stage: all alarms first, then each alarm's figure beside its threshold, by kind.

import type { Metric } from "./alarm-spec.ts";
import type { Alarms } from "./alarms.ts";
import { named } from "./names.ts";

type Alarmed = Alarms["alarms"][number];

/** Alarms whose names begin so share a graph; the first that fits. */
const GRAPHS = [
  ["Age of the data", /^freshness-(?!checker)/],
  ["Sampled records that a store lacks", /^difference-/],
  ["Seconds behind the streams", /^stream-/],
  ["Erasures", /^erasure/],
  ["Chunk queue", /^chunk/],
  ["Workflows that failed", /^workflow-failed-/],
  ["Functions", /^(?:function-|stands-still-|freshness-checker)/],
  ["Hot store", /^hot-/],
  ["Ledger, API, delivery", /./],
] as const;
const COLUMNS = 24;
const HALF = COLUMNS / 2;
const HEIGHT = 6;
/** An alarm widget shows 100 at most. Source: CloudWatch API reference, "Dashboard body structure", read 2026-11-25. */
const ALARMS_A_WIDGET = 100;

/** The first three dashboards of an account are free, each more is $3 a month (from memory, not confirmed). */
export function createDashboards({ alarms }: Alarms) {
  const { region } = aws.getRegionOutput();
  const operations = new aws.cloudwatch.Dashboard("OperationsDashboard", {
    dashboardName: named("operations"),
    dashboardBody: $jsonStringify({ widgets: [...alarmWidgets(alarms), ...graphs(alarms, region)] }),
  });
  return { operations };
}

function alarmWidgets(alarms: readonly Alarmed[]) {
  const parts = Array.from({ length: Math.ceil(alarms.length / ALARMS_A_WIDGET) }, (_, part) =>
    alarms.slice(part * ALARMS_A_WIDGET, (part + 1) * ALARMS_A_WIDGET),
  );
  return parts.map((some) => ({
    type: "alarm",
    width: COLUMNS,
    height: HEIGHT,
    properties: { title: "Alarms", alarms: some.map(({ alarm }) => alarm.arn) },
  }));
}

function graphs(alarms: readonly Alarmed[], region: $util.Input<string>) {
  const graphOf = ({ spec }: Alarmed) => GRAPHS.findIndex(([, pattern]) => pattern.test(spec.name));
  return GRAPHS.flatMap(([title], index) => {
    const some = alarms.filter((each) => graphOf(each) === index);
    if (some.length === 0) return [];
    return [
      {
        type: "metric",
        width: HALF,
        height: HEIGHT,
        properties: {
          title,
          region,
          view: "timeSeries",
          period: 300,
          metrics: some.flatMap(({ spec }) => linesOf(spec.metric)),
          annotations: { horizontal: thresholds(some) },
        },
      },
    ];
  });
}

function linesOf(metric: Alarmed["spec"]["metric"]): readonly (readonly unknown[])[] {
  const metrics: readonly Metric[] = "of" in metric ? Object.values(metric.of) : [metric];
  return metrics.map(({ namespace, name, dimensions, statistic }) => [
    namespace,
    name,
    ...Object.entries(dimensions).flat(),
    { stat: statistic },
  ]);
}

/** One line for each threshold that a plain metric of the graph has. */
function thresholds(some: readonly Alarmed[]) {
  const plain = some.filter(({ spec }) => !("of" in spec.metric)).map(({ spec }) => spec.threshold);
  return [...new Set(plain)].map((value) => ({ label: String(value), value }));
}
