// Decides by which words alarms are written down: how often, for how long, and what silence means.

import type { Metric } from "./alarm-spec.ts";

/** What was not measured was not wrong: AWS puts these only where something happens. */
export const QUIET = { treatMissingData: "notBreaching" } as const;
export const ABOVE = { comparison: "GreaterThanThreshold" } as const;
export const MINUTES = { periodSeconds: 60 } as const;
export const FIVE_MINUTES = { periodSeconds: 300 } as const;
export const once = { evaluationPeriods: 1, datapointsToAlarm: 1 } as const;
export const threeOfFive = { evaluationPeriods: 5, datapointsToAlarm: 3 } as const;
export const threeInARow = { evaluationPeriods: 3, datapointsToAlarm: 3 } as const;

export function ofAws(
  service: string,
  name: string,
  dimensions: Metric["dimensions"],
  statistic: Metric["statistic"],
): Metric {
  return { namespace: `AWS/${service}`, name, dimensions, statistic };
}
