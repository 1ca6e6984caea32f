// Decides when the runs of a remedy are over: each has ended, or is stuck and will not end by itself.

import { findRun, type RunRef } from "../ledger/run.ts";
import type { ControlPorts } from "../ports/ports.ts";
import { isDead } from "./gather-runs.ts";
import { holdIncident } from "./hold-incident.ts";
import { updateIncident } from "./incident.ts";
import { quietTimeOf } from "./run-progress.ts";

/** `again`: it did not help, and the next decision is due; `open`: asked again. */
export type RemedyOutcome = "open" | "ended" | "again";

const PATIENCE_MS = 10_000;
const POLL_MS = 250;

/** Polled until it is not `open`. */
export async function awaitRemedy(
  ports: ControlPorts,
  ref: RunRef,
  patienceMs = PATIENCE_MS,
): Promise<{ readonly outcome: RemedyOutcome }> {
  const patientUntilMs = ports.timer.nowMs() + patienceMs;
  for (;;) {
    const { incident } = await holdIncident(ports, ref);
    const outcomes = await Promise.all((incident.course?.runs ?? []).map((runId) => look(ports, runId)));
    if (outcomes.includes("again")) return { outcome: "again" };
    if (!outcomes.includes("open")) {
      await noteEnded(ports, incident.incidentId);
      return { outcome: "ended" };
    }
    if (ports.timer.nowMs() >= patientUntilMs) return { outcome: "open" };
    await ports.timer.sleep(POLL_MS);
  }
}

async function look(ports: ControlPorts, runId: string): Promise<RemedyOutcome> {
  const run = await findRun(ports.ledger, runId);
  if (run === undefined || run.status === "succeeded" || run.status === "superseded") return "ended";
  if (run.status !== "running") return "again";
  const isOver = (await isDead(ports, run)) || (await quietTimeOf(ports, run)) >= ports.settings.runStuckMs;
  return isOver ? "again" : "open";
}

/** The alarm gets its time from the end of the remedy on, however often that is looked at. */
async function noteEnded({ ledger, clock }: ControlPorts, incidentId: string): Promise<void> {
  await updateIncident(ledger, incidentId, (incident) => {
    const { course } = incident;
    if (course === null || course.endedAtMs !== null) return undefined;
    return { ...incident, status: "confirming", course: { ...course, endedAtMs: clock.now() } };
  });
}
