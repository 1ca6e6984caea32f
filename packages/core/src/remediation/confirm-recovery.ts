// Decides whether the group has recovered: its alarms have cleared by the metric, and a look at the stores agrees.

import type { RunRef } from "../ledger/run.ts";
import type { ControlPorts } from "../ports/ports.ts";
import { diagnose } from "./diagnosis.ts";
import { gatherFacts } from "./gather-facts.ts";
import { holdIncident } from "./hold-incident.ts";
import type { Incident } from "./incident.ts";
import { listRaised } from "./raised-alarms.ts";
import { confirmTimeMs } from "./remediation-settings.ts";

/** `again`: it has not recovered in its time, and the next decision is due; `open`: asked again. */
export type Recovery = "open" | "recovered" | "again";

/** Short, for it is waited for when the platform is closed; a period of the checker lasts many of them. */
const PATIENCE_MS = 2_000;
const POLL_MS = 250;

/** Polled until it is not `open`. The time that the alarm gets is the platform's, and ends where its clock stands still never. */
export async function confirmRecovery(
  ports: ControlPorts,
  ref: RunRef,
  patienceMs = PATIENCE_MS,
): Promise<{ readonly outcome: Recovery }> {
  const patientUntilMs = ports.timer.nowMs() + patienceMs;
  for (;;) {
    const { incident } = await holdIncident(ports, ref);
    if (await hasRecovered(ports, incident)) return { outcome: "recovered" };
    const untilMs = (incident.course?.endedAtMs ?? incident.openedAtMs) + confirmTimeMs(ports.settings);
    if (ports.clock.now() >= untilMs) return { outcome: "again" };
    if (ports.timer.nowMs() >= patientUntilMs) return { outcome: "open" };
    await ports.timer.sleep(POLL_MS);
  }
}

/** The stores are asked only once the alarms, which cost less, say so. */
async function hasRecovered(ports: ControlPorts, incident: Incident): Promise<boolean> {
  const raised = await listRaised(ports.ledger, incident);
  if (raised.length > 0) return false;
  return diagnose(await gatherFacts(ports, incident)).kind === "recovered";
}
