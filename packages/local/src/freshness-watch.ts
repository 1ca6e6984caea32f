// Decides how often freshness is measured, and how often alarms are looked at: two watches, so that one that stands still
// is noticed by the other.

import {
  attendIncidents,
  type ControlPorts,
  checkFreshness,
  type EpochMs,
  evaluateAlarms,
  type Ports,
} from "@steward/core";
import type { Scope } from "@steward/functions/_runtime/scope.ts";
import { startWatch, type Watch } from "./watch.ts";

/** Of real time, between two looks at whether the platform's clock has come to the next period: one reads the clock alone. */
const CLOCK_LOOK_MS = 250;
/** Of real time, between two looks at the alarms, which read ledger and metrics. */
const ALARM_LOOK_MS = 1_000;

/** One check in each period of the platform's clock; none while it stands still. */
export function startFreshnessWatch(ports: Ports, log: Scope["log"], everyMs = CLOCK_LOOK_MS): Watch {
  let checked: number | undefined;
  return startWatch({
    everyMs,
    failure: "could not check freshness",
    log,
    async look() {
      const period = Math.floor(ports.clock.now() / ports.settings.checkPeriodMs);
      if (period === checked) return;
      const { unmeasured } = await checkFreshness(ports);
      checked = period;
      for (const { group, error } of unmeasured)
        log({ level: "error", message: "could not measure freshness", group, error });
    },
  });
}

/** What is missing counts only where nobody looked away: after a pause, or a leap of a driven clock, watching begins anew. */
export function startAlarmWatch(ports: ControlPorts, log: Scope["log"], everyMs = ALARM_LOOK_MS): Watch {
  let sinceMs = ports.clock.now();
  let lookedAtMs: EpochMs = sinceMs;
  return startWatch({
    everyMs,
    failure: "could not look at the alarms",
    log,
    async look() {
      const nowMs = ports.clock.now();
      if (nowMs - lookedAtMs > ports.settings.checkPeriodMs) sinceMs = nowMs;
      lookedAtMs = nowMs;
      const { opened, closed } = await attendIncidents(ports, await evaluateAlarms(ports, sinceMs));
      for (const { incidentId } of opened)
        log({ level: "info", message: "incident opened", incident: incidentId });
      for (const { incidentId } of closed)
        log({ level: "info", message: "incident closed", incident: incidentId });
    },
  });
}
