// Decides how an incident ends well: closed, its group free for the next, and its run succeeded with a report.

import { endWell } from "../ledger/end-run.ts";
import { requireRunning } from "../ledger/hold.ts";
import { getRun, type RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { type Incident, updateIncident } from "./incident.ts";
import { freeGroup } from "./open-incident.ts";
import { type RemediationReport, reportRemediation } from "./remediation-report.ts";
import { incidentOf } from "./remediation-run.ts";

/** Done twice equals once. @throws LeaseLostError when the run was cancelled, or another attempt follows. */
export async function closeIncident(ports: Ports, ref: RunRef): Promise<RemediationReport> {
  const ended = await getRun(ports.ledger, ref.runId);
  if (ended.status === "succeeded" && ended.report !== null)
    return ended.report as unknown as RemediationReport; // written below
  const run = await requireRunning(ports, ref);
  await close(ports, incidentOf(run), "the alarms have cleared, and the stores agree");
  const report = await reportRemediation(ports, run, "recovered");
  await endWell(ports, run, "recovered", report);
  return report;
}

/** One that is closed stays as it is; its group is free afterwards in any case. */
export async function close(
  ports: Pick<Ports, "ledger" | "clock">,
  incidentId: string,
  reason: string,
): Promise<Incident> {
  const atMs = ports.clock.now();
  const incident = await updateIncident(ports.ledger, incidentId, (present) =>
    present.status === "closed"
      ? undefined
      : {
          ...present,
          status: "closed",
          closedAtMs: atMs,
          decisions: [
            ...present.decisions,
            { atMs, diagnosis: null, kind: "closed", what: "close the incident", reason },
          ],
        },
  );
  await freeGroup(ports.ledger, incident);
  return incident;
}
