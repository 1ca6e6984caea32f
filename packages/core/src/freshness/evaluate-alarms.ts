// Decides which alarms are on, all of them at one look, and keeps what was decided.

import type { Ports } from "../ports/ports.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { findAlarm, saveAlarm } from "./alarm-state.ts";
import { type Alarm, alarmsOf } from "./alarms.ts";
import { evaluateAlarm, evaluatedFrom } from "./evaluate-alarm.ts";
import { noteMaintenance, type Quiet } from "./maintenance.ts";
import { CHECKER_HEARTBEAT } from "./metrics.ts";

type EvaluatePorts = Pick<
  Ports,
  "clock" | "definitions" | "holders" | "ledger" | "metricHistory" | "settings" | "timer"
>;

export interface RaisedAlarm extends Alarm {
  readonly reason: string;
}

/** Those that are on. `sinceMs`: since when somebody looks without a break. What a rebuild leaves bad while it is at work sets none off. */
export async function evaluateAlarms(
  ports: EvaluatePorts,
  sinceMs: EpochMs,
): Promise<readonly RaisedAlarm[]> {
  const nowMs = ports.clock.now();
  const alarms = alarmsOf(ports.definitions.list(), ports.settings);
  const fromMs = Math.min(...alarms.map((alarm) => evaluatedFrom(alarm, nowMs))) as EpochMs;
  const [beats = [], ...points] = await ports.metricHistory.read(
    [CHECKER_HEARTBEAT, ...alarms.map(({ metric }) => metric)],
    fromMs,
  );
  const quiet = new Map<string, Quiet>();
  for (const group of new Set(alarms.flatMap(({ group }) => group ?? [])))
    quiet.set(group, await noteMaintenance(ports, group, nowMs));
  const raised: RaisedAlarm[] = [];
  for (const [index, alarm] of alarms.entries()) {
    const { name, group, side } = alarm;
    const quietUntilMs =
      side === undefined || side === "offline" ? undefined : quiet.get(group ?? "")?.[side];
    const before = await findAlarm(ports.ledger, name);
    const watching = { nowMs, sinceMs, before: before?.state ?? "ok", beats, quietUntilMs } as const;
    const found = evaluateAlarm(alarm, points[index] ?? [], watching) ?? before;
    if (found === undefined) continue;
    await saveAlarm(ports.ledger, { name, sinceMs: nowMs, state: found.state, reason: found.reason });
    if (found.state === "alarm") raised.push({ ...alarm, reason: found.reason });
  }
  return raised;
}
