// Decides whether an alarm is on: by whole periods of the platform's clock, as CloudWatch does (M of N, missing data breaches).

import type { MetricReading } from "../ports/metric-history.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import type { Alarm } from "./alarms.ts";

export type AlarmStateName = "ok" | "alarm";

export interface Evaluation {
  readonly state: AlarmStateName;
  /** In figures: how many of how many periods broke the threshold, and what was last seen. */
  readonly reason: string;
}

export interface Watching {
  readonly nowMs: EpochMs;
  /** Periods that began before nobody was looking: what is missing then says nothing. */
  readonly sinceMs: EpochMs;
  readonly before: AlarmStateName;
  /** The checks that were made: what lacks a point of one is missing, and need not be waited for. */
  readonly beats: readonly Pick<MetricReading, "atMs">[];
  /** What is bad in a period that began by then was expected; what is fine in it counts. */
  readonly quietUntilMs?: EpochMs | undefined;
}

/** The first instant whose points can matter. */
export function evaluatedFrom({ periodMs, evaluationPeriods }: Alarm, nowMs: EpochMs): EpochMs {
  return ((Math.floor(nowMs / periodMs) - evaluationPeriods) * periodMs) as EpochMs;
}

/** Undefined: too few periods have been watched to say. The period that is under way counts once it was checked. */
export function evaluateAlarm(
  alarm: Alarm,
  points: readonly MetricReading[],
  { nowMs, sinceMs, before, beats, quietUntilMs = Number.NEGATIVE_INFINITY as EpochMs }: Watching,
): Evaluation | undefined {
  const periods = lastPeriods(alarm, points, beats, nowMs)
    .filter(({ startMs, values }) => startMs >= sinceMs || values.length > 0)
    .filter(({ startMs, values }) => startMs > quietUntilMs || !isBroken(alarm, values));
  const broken = periods.filter(({ values }) => isBroken(alarm, values));
  const reason = `${broken.length} of the last ${periods.length} periods broke it (${lastSeen(alarm, periods)})`;
  if (broken.length >= alarm.datapointsToAlarm) return { state: "alarm", reason };
  if (periods.length < alarm.evaluationPeriods) return undefined;
  return { state: broken.length === 0 ? "ok" : before, reason };
}

interface Period {
  readonly startMs: number;
  readonly values: readonly number[];
}

/** The newest first. */
function lastPeriods(
  { periodMs, evaluationPeriods }: Alarm,
  points: readonly MetricReading[],
  beats: Watching["beats"],
  nowMs: EpochMs,
): readonly Period[] {
  const valuesAt = (startMs: number): readonly number[] =>
    points.filter(({ atMs }) => atMs >= startMs && atMs < startMs + periodMs).map(({ value }) => value);
  const currentMs = Math.floor(nowMs / periodMs) * periodMs;
  const newestMs = beats.some(({ atMs }) => atMs >= currentMs) ? currentMs : currentMs - periodMs;
  return Array.from({ length: evaluationPeriods }, (_, index) => {
    const startMs = newestMs - index * periodMs;
    return { startMs, values: valuesAt(startMs) };
  });
}

function isBroken(alarm: Alarm, values: readonly number[]): boolean {
  if (values.length === 0) return true;
  const value = alarm.statistic === "SampleCount" ? values.length : Math.max(...values);
  return alarm.comparison === "GreaterThanThreshold" ? value > alarm.threshold : value < alarm.threshold;
}

function lastSeen({ threshold, unit }: Alarm, [newest]: readonly Period[]): string {
  const limit = `limit ${threshold} ${unit}`;
  if (newest === undefined || newest.values.length === 0) return `nothing was reported, ${limit}`;
  return `${Math.round(Math.max(...newest.values))} was reported, ${limit}`;
}
