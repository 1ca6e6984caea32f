// Decides how a remediation ends badly: a person is called, for nobody else looks after the group then.

import { endBadly, endCancelled, type Failure, saveReport } from "../ledger/end-run.ts";
import { getRun, type RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { getIncident, type Incident, updateIncident } from "./incident.ts";
import { sendPage } from "./page-owner.ts";
import { type RemediationReport, reportRemediation } from "./remediation-report.ts";
import { incidentOf } from "./remediation-run.ts";

/** Another remediation has the group, or a later attempt: it decides. */
const NOT_OURS = new Set(["LeaseHeldError", "LeaseLostError"]);

/** Done twice equals once. */
export async function failRemediation(
  ports: Ports,
  ref: RunRef,
  failure: Failure,
): Promise<RemediationReport> {
  const run = await getRun(ports.ledger, ref.runId);
  const incident = await getIncident(ports.ledger, incidentOf(run));
  const isOurs = run.status === "running" && run.attempt === ref.attempt && !NOT_OURS.has(failure.name);
  if (isOurs && incident.status !== "closed" && incident.status !== "paged") {
    const reason = `the remediation itself failed with ${failure.name}`;
    await sendPage(ports, await note(ports, incident.incidentId, "failed", "page a person", reason));
  }
  const report = await reportRemediation(ports, run, "failed");
  await endBadly(ports, run, ref, { outcome: "failed", failure, report });
  return report;
}

/** A person takes over: the incident stays open, without a page, until the metric has recovered. Runs of remedies go on. */
export async function cancelRemediation(ports: Ports, runId: string): Promise<RemediationReport> {
  const run = await endCancelled(ports, runId);
  const incident = await getIncident(ports.ledger, incidentOf(run));
  if (incident.status !== "closed") {
    const reason = "a person cancelled the remediation and looks after the group";
    await note(ports, incident.incidentId, "cancelled", "leave it to a person", reason);
    await updateIncident(ports.ledger, incident.incidentId, (present) => ({ ...present, status: "paged" }));
  }
  const report = await reportRemediation(ports, run, "cancelled");
  await saveReport(ports, runId, report);
  return report;
}

function note(
  { ledger, clock }: Pick<Ports, "ledger" | "clock">,
  incidentId: string,
  kind: string,
  what: string,
  reason: string,
): Promise<Incident> {
  const decision = { atMs: clock.now(), diagnosis: null, kind, what, reason };
  return updateIncident(ledger, incidentId, (present) => ({
    ...present,
    decisions: [...present.decisions, decision],
  }));
}
