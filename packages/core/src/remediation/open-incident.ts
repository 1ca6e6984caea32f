// Decides which incident an alarm belongs to: the one that is open for its group, else a new one.

import { updateItem } from "../ledger/update-item.ts";
import type { Ledger, LedgerKey } from "../ports/ledger.ts";
import type { ControlPorts } from "../ports/ports.ts";
import { createIncident, findIncident, type Incident, updateIncident } from "./incident.ts";
import { ensureRemediation, nextExecution, scopeOf } from "./remediation-run.ts";

/** What remediation needs to know of an alarm that went off. */
export interface IncidentAlarm {
  readonly name: string;
  /** Absent: the alarm concerns the platform itself. */
  readonly group?: string | undefined;
}

const openKey = (group: string | null): LedgerKey => ({
  partition: "open-incidents",
  sort: scopeOf(group),
});

/**
 * The incident of the alarm, with the alarm in it. The same alarm again, or another of the group while the incident is
 * open, changes no more than that; two processes that see it at once open one.
 */
export async function openIncident(ports: ControlPorts, alarm: IncidentAlarm): Promise<Incident> {
  const group = alarm.group ?? null;
  const incidentId = await claimOpen(ports, group);
  await ensureIncident(ports, incidentId, alarm);
  const incident = await updateIncident(ports.ledger, incidentId, (present) =>
    withAlarm(present, alarm.name),
  );
  if (incident.status === "closed") {
    await freeGroup(ports.ledger, incident); // closed a moment ago, or by one that was killed before it could
    return openIncident(ports, alarm);
  }
  if (incident.status === "open") await ensureRemediation(ports, incident);
  return incident;
}

/** A new alarm, or one that had cleared, is news: an incident that waits for a person is taken up again. */
function withAlarm(incident: Incident, name: string): Incident | undefined {
  const { alarms, cleared, status } = incident;
  if (status === "closed" || (alarms.includes(name) && !cleared.includes(name))) return undefined;
  const known = {
    ...incident,
    alarms: [...new Set([...alarms, name])],
    cleared: cleared.filter((one) => one !== name),
  };
  return status === "paged" ? reopened(known) : known;
}

/** To be looked after by a run of its own. */
export function reopened(incident: Incident): Incident {
  return { ...incident, status: "open", executionRun: nextExecution(incident) };
}

function ensureIncident(
  ports: Pick<ControlPorts, "ledger" | "clock">,
  incidentId: string,
  alarm: IncidentAlarm,
): Promise<void> {
  return createIncident(ports.ledger, {
    incidentId,
    group: alarm.group ?? null,
    alarms: [alarm.name],
    cleared: [],
    pages: [],
    lookedAtMs: ports.clock.now(),
    status: "open",
    diagnosis: null,
    decisions: [],
    course: null,
    runs: [],
    openedAtMs: ports.clock.now(),
    closedAtMs: null,
    executionRun: incidentId,
  });
}

/** The id of the group's open incident, or of the one that is to be. */
async function claimOpen(ports: ControlPorts, group: string | null): Promise<string> {
  const incidentId = ports.ids.runId();
  const item = await updateItem(ports.ledger, openKey(group), (present) =>
    present === undefined ? { incidentId } : undefined,
  );
  return String(item?.body.incidentId ?? incidentId);
}

/** Lets the next alarm of the group open an incident of its own. */
export async function freeGroup(ledger: Ledger, { group, incidentId }: Incident): Promise<void> {
  const item = await ledger.find(openKey(group));
  if (item?.body.incidentId === incidentId) await ledger.remove(openKey(group), item);
}

/** The incidents that are not closed, by group. */
export async function listOpenIncidents(ledger: Ledger): Promise<readonly Incident[]> {
  const items = await ledger.list("open-incidents");
  const incidents = await Promise.all(items.map(({ body }) => findIncident(ledger, String(body.incidentId))));
  return incidents.filter((incident) => incident !== undefined && incident.status !== "closed") as Incident[];
}
