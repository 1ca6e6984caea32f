// Decides which alarms there are, as data: evaluated in process on a laptop, deployed as CloudWatch alarms in an account.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { MetricQuery } from "../ports/metric-history.ts";
import { SIDES, type Side } from "./measure-freshness.ts";
import { CHECKER, CHECKER_HEARTBEAT, freshnessAge, sampleDifferences, streamBehind } from "./metrics.ts";
import { objectiveOf, watchedGroups } from "./objective.ts";

/** Fields as CloudWatch's PutMetricAlarm names them, where it has them. */
export interface Alarm {
  readonly name: string;
  /** Undefined: the platform itself. */
  readonly group: string | undefined;
  readonly side: Side | undefined;
  readonly metric: MetricQuery;
  readonly statistic: "Maximum" | "SampleCount";
  readonly comparison: "GreaterThanThreshold" | "LessThanThreshold";
  readonly threshold: number;
  readonly unit: "Seconds" | "Count";
  readonly periodMs: number;
  /** It goes on when `datapointsToAlarm` of the last `evaluationPeriods` break the threshold, off when none of them does. */
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly treatMissingData: "breaching";
  /** What is wrong while it is on, and where to read on. */
  readonly text: string;
  readonly runbook: string;
}

/** One odd measure is no alarm, two of three are: seen within two periods, and a metric that flaps does not flap the alarm. */
const TWO_OF_THREE = { evaluationPeriods: 3, datapointsToAlarm: 2 } as const;
/** A heart that missed a beat has stopped. */
const ONE_OF_ONE = { evaluationPeriods: 1, datapointsToAlarm: 1 } as const;
/** A stream that is read falls behind by a page or two at times. */
const MAX_BEHIND_SECONDS = 60;

export function alarmsOf(
  groups: readonly FeatureGroup[],
  { checkPeriodMs }: { readonly checkPeriodMs: number },
): readonly Alarm[] {
  const common = { periodMs: checkPeriodMs, treatMissingData: "breaching" } as const;
  return [
    ...watchedGroups(groups).flatMap((group) => alarmsOfGroup(group, common)),
    {
      ...common,
      ...ONE_OF_ONE,
      name: CHECKER,
      group: undefined,
      side: undefined,
      metric: CHECKER_HEARTBEAT,
      statistic: "SampleCount",
      comparison: "LessThanThreshold",
      threshold: 1,
      unit: "Count",
      ...says(CHECKER, "the freshness checker does not report: how fresh anything is, is not known"),
    },
  ];
}

function alarmsOfGroup(
  group: FeatureGroup,
  common: Pick<Alarm, "periodMs" | "treatMissingData">,
): readonly Alarm[] {
  const { name } = group;
  const above = { ...common, ...TWO_OF_THREE, group: name, statistic: "Maximum" } as const;
  const comparison = "GreaterThanThreshold";
  const ages = SIDES.map(
    (side): Alarm => ({
      ...above,
      name: `freshness-${name}-${side}`,
      side,
      metric: freshnessAge(name, side),
      comparison,
      threshold: (objectiveOf(group) ?? Number.POSITIVE_INFINITY) / 1_000,
      unit: "Seconds",
      ...says(
        "freshness",
        `${name}: the ${side} side is older than its objective, or its age cannot be said`,
      ),
    }),
  );
  const differences = (["online", "hot"] as const).map(
    (side): Alarm => ({
      ...above,
      name: `difference-${name}-${side}`,
      side,
      metric: sampleDifferences(name, side),
      comparison,
      threshold: 0,
      unit: "Count",
      ...says("difference", `${name}: the ${side} store is not as the offline store`),
    }),
  );
  if (group.path !== "stream") return [...ages, ...differences];
  const behind: Alarm = {
    ...above,
    name: `stream-behind-${name}`,
    side: undefined,
    metric: streamBehind(name),
    comparison,
    threshold: MAX_BEHIND_SECONDS,
    unit: "Seconds",
    ...says("stream-behind", `${name}: events lie in the stream that were not taken in`),
  };
  return [...ages, ...differences, behind];
}

function says(kind: string, text: string): Pick<Alarm, "text" | "runbook"> {
  return { text, runbook: `docs/runbooks/${kind}.md` };
}
