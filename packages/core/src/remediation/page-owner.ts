// Decides that a person is called, once for one thing, and that the incident stays open until the metric has recovered.

import { endWell } from "../ledger/end-run.ts";
import { requireRunning } from "../ledger/hold.ts";
import { getRun, type RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { getIncident, type Incident, updateIncident } from "./incident.ts";
import { toPage } from "./page-words.ts";
import { type RemediationReport, reportRemediation } from "./remediation-report.ts";
import { incidentOf } from "./remediation-run.ts";

/** Done twice equals once, but for a page that may be sent again after a kill. */
export async function pageOwner(ports: Ports, ref: RunRef): Promise<RemediationReport> {
  const ended = await getRun(ports.ledger, ref.runId);
  if (ended.status === "succeeded" && ended.report !== null)
    return ended.report as unknown as RemediationReport; // written below
  const run = await requireRunning(ports, ref);
  const incident = await getIncident(ports.ledger, incidentOf(run));
  const isLeft = incident.decisions.at(-1)?.kind === "leave";
  await sendPage(ports, incident, isLeft);
  const outcome = isLeft ? "left" : "paged";
  const report = await reportRemediation(ports, run, outcome);
  await endWell(ports, run, outcome, report);
  return report;
}

/** Says it to a person, unless this incident has said the same before; the incident is paged afterwards. */
export async function sendPage(
  ports: Pick<Ports, "ledger" | "pager" | "definitions">,
  incident: Incident,
  isLeft = false,
): Promise<void> {
  const page = toPage(ports.definitions, incident);
  const isSaid = isLeft || incident.pages.includes(page.pageId);
  if (!isSaid) await ports.pager.page(page);
  await updateIncident(ports.ledger, incident.incidentId, (present) => ({
    ...present,
    status: "paged",
    pages: isSaid ? present.pages : [...new Set([...present.pages, page.pageId])],
  }));
}
