// Decides which alarms are on, all of them at one look, and keeps what was decided.

import type { Ports } from "../ports/ports.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { findAlarm, saveAlarm } from "./alarm-state.ts";
import { type Alarm, alarmsOf } from "./alarms.ts";
import { evaluateAlarm, evaluatedFrom } from "./evaluate-alarm.ts";
import { isInMaintenance } from "./maintenance.ts";

type EvaluatePorts = Pick<
  Ports,
  "clock" | "definitions" | "holders" | "ledger" | "metricHistory" | "settings" | "timer"
>;

export interface RaisedAlarm extends Alarm {
  readonly reason: string;
}

/** Those that are on. `sinceMs`: since when somebody looks without a break. Alarms of a group in maintenance keep their state. */
export async function evaluateAlarms(
  ports: EvaluatePorts,
  sinceMs: EpochMs,
): Promise<readonly RaisedAlarm[]> {
  const nowMs = ports.clock.now();
  const alarms = alarmsOf(ports.definitions.list(), ports.settings);
  const fromMs = Math.min(...alarms.map((alarm) => evaluatedFrom(alarm, nowMs))) as EpochMs;
  const points = await ports.metricHistory.read(
    alarms.map(({ metric }) => metric),
    fromMs,
  );
  const raised: RaisedAlarm[] = [];
  for (const [index, alarm] of alarms.entries()) {
    const { name, group } = alarm;
    if (group !== undefined && (await isInMaintenance(ports, group))) continue;
    const before = await findAlarm(ports.ledger, name);
    const watching = { nowMs, sinceMs, before: before?.state ?? "ok" } as const;
    const found = evaluateAlarm(alarm, points[index] ?? [], watching) ?? before;
    if (found === undefined) continue;
    await saveAlarm(ports.ledger, { name, sinceMs: nowMs, state: found.state, reason: found.reason });
    if (found.state === "alarm") raised.push({ ...alarm, reason: found.reason });
  }
  return raised;
}
