// Decides which alarms of an incident are on now: what the alarm watch wrote down last.

import { findAlarm } from "../freshness/alarm-state.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Incident } from "./incident.ts";

/** Their names, as the incident lists them. */
export async function listRaised(
  ledger: Ledger,
  { alarms }: Pick<Incident, "alarms">,
): Promise<readonly string[]> {
  const states = await Promise.all(alarms.map((name) => findAlarm(ledger, name)));
  return alarms.filter((_, index) => states[index]?.state === "alarm");
}
