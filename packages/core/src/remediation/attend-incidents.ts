// Decides what becomes of incidents from one look of the alarm watch to the next: opened, taken up again after a kill or
// by news, closed once the metric has recovered.

import { resumeRun } from "../control/control-runs.ts";
import { LeaseHeldError } from "../errors/steward-error.ts";
import { findRun, type Run } from "../ledger/run.ts";
import type { ControlPorts } from "../ports/ports.ts";
import { close } from "./close-incident.ts";
import { considerIncident } from "./diagnose-incident.ts";
import { isDead } from "./gather-runs.ts";
import { type Incident, updateIncident } from "./incident.ts";
import { type IncidentAlarm, listOpenIncidents, openIncident, reopened } from "./open-incident.ts";
import { sendPage } from "./page-owner.ts";
import { listRaised } from "./raised-alarms.ts";
import { ensureRemediation } from "./remediation-run.ts";
import { isTreatment } from "./remedy.ts";

/** A remediation that fails so often waits for a person. */
const MAX_ATTEMPTS = 5;

export interface Attendance {
  readonly opened: readonly Incident[];
  readonly closed: readonly Incident[];
}

/** One look: `raised` are the alarms that are on now. */
export async function attendIncidents(
  ports: ControlPorts,
  raised: readonly IncidentAlarm[],
): Promise<Attendance> {
  const before = new Set((await listOpenIncidents(ports.ledger)).map(({ incidentId }) => incidentId));
  const incidents: Incident[] = [];
  for (const alarm of raised) incidents.push(await openIncident(ports, alarm));
  await reconsiderPaged(ports);
  await continueRemediations(ports);
  const closed = await closeRecovered(ports);
  const opened = incidents.filter(
    ({ incidentId }, index) =>
      !before.has(incidentId) && incidents.findIndex((one) => one.incidentId === incidentId) === index,
  );
  return { opened, closed };
}

/** Closes the incidents that wait for a person where all alarms of the group have cleared; others close themselves. */
export async function closeRecovered(ports: ControlPorts): Promise<readonly Incident[]> {
  const closed: Incident[] = [];
  for (const incident of await listOpenIncidents(ports.ledger)) {
    if (incident.status !== "paged") continue;
    const raised = new Set(await listRaised(ports.ledger, incident));
    if (!isDeclared(ports, incident))
      closed.push(await close(ports, incident.incidentId, "the group is declared no more"));
    else if (raised.size === 0)
      closed.push(await close(ports, incident.incidentId, "the alarms have cleared"));
    else await noteCleared(ports, incident, raised);
  }
  return closed;
}

/** Nobody measures a group that is declared no more: its alarms stay as they were. */
function isDeclared({ definitions }: ControlPorts, { group }: Incident): boolean {
  return group === null || definitions.list().some(({ name }) => name === group);
}

/** Takes up again what a killed process left lying, and what met the remediation before it; not for ever. */
export async function continueRemediations(ports: ControlPorts): Promise<void> {
  for (const incident of await listOpenIncidents(ports.ledger)) {
    if (incident.status === "paged") continue;
    const run = await findRun(ports.ledger, incident.executionRun);
    if (run === undefined) await ensureRemediation(ports, incident);
    else if (run.status === "running" ? await isDead(ports, run) : run.status === "failed")
      await takeUp(ports, incident, run);
  }
}

async function takeUp(ports: ControlPorts, incident: Incident, run: Run): Promise<void> {
  if (run.attempt >= MAX_ATTEMPTS) return sendPage(ports, incident);
  try {
    await resumeRun(ports, run.runId);
  } catch (error) {
    if (!(error instanceof LeaseHeldError)) throw error; // another took it up a moment ago
  }
}

/** A person was paged, and now something can be done: a store is back, a checker reports, the budget is free again. */
export async function reconsiderPaged(ports: ControlPorts): Promise<void> {
  const { ledger, clock, settings } = ports;
  for (const incident of await listOpenIncidents(ledger)) {
    if (!isDeclared(ports, incident) || !isDue(incident, clock.now() - settings.checkPeriodMs)) continue;
    const { remedy } = await considerIncident(ports, incident);
    const looked = await updateIncident(ledger, incident.incidentId, (present) => {
      if (present.status !== "paged" || present.executionRun !== incident.executionRun) return undefined;
      const noted = { ...present, lookedAtMs: clock.now() };
      return isTreatment(remedy) ? reopened(noted) : noted;
    });
    if (looked.status === "open") await ensureRemediation(ports, looked);
  }
}

/** Not where a person took over, nor where the remediation itself failed: it would fail again. */
function isDue({ status, decisions, lookedAtMs }: Incident, beforeMs: number): boolean {
  const last = decisions.at(-1)?.kind;
  return status === "paged" && (last === "page" || last === "leave") && lookedAtMs <= beforeMs;
}

async function noteCleared(
  { ledger }: ControlPorts,
  { incidentId, alarms, cleared }: Incident,
  raised: ReadonlySet<string>,
): Promise<void> {
  const now = alarms.filter((name) => !raised.has(name));
  if (now.every((name) => cleared.includes(name))) return;
  await updateIncident(ledger, incidentId, (present) => ({
    ...present,
    cleared: [...new Set([...present.cleared, ...now])],
  }));
}
