// Decides how an erasure ends badly. Nothing is taken back: the suppression stands, what is gone is gone, and the request
// awaits its certificate until the run is resumed.

import { endBadly, endCancelled, type Failure, saveReport } from "../ledger/end-run.ts";
import { getRun, type RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { type ErasureReport, reportErasure } from "./erasure-report.ts";

/** Done twice equals once. A run that is not running any more keeps its status. */
export async function failErasure(ports: Ports, ref: RunRef, failure: Failure): Promise<ErasureReport> {
  const run = await getRun(ports.ledger, ref.runId);
  const report = await reportErasure(ports, run, "failed");
  await endBadly(ports, run, ref, { outcome: "failed", failure, report });
  return report;
}

/** Takes the run's lease, so that what it still tries is refused, and ends it as cancelled. A suppression is never taken back. */
export async function cancelErasure(ports: Ports, runId: string): Promise<ErasureReport> {
  const run = await endCancelled(ports, runId);
  const report = await reportErasure(ports, run, "cancelled");
  await saveReport(ports, runId, report);
  return report;
}
