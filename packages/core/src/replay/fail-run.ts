// Decides how a replay ends badly: there is nothing to undo, for each event that was written is as it should be.

import { endBadly, endCancelled, type Failure, saveReport } from "../ledger/end-run.ts";
import { getRun, type RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { type ReplayReport, reportReplay } from "./replay-report.ts";

/** Done twice equals once. */
export async function failReplay(ports: Ports, ref: RunRef, failure: Failure): Promise<ReplayReport> {
  const run = await getRun(ports.ledger, ref.runId);
  const report = await reportReplay(ports, run, ref, "failed");
  await endBadly(ports, run, ref, { outcome: "failed", failure, report });
  return report;
}

/** Takes the run's lease, so that nothing it still tries goes on, and ends it as cancelled. */
export async function cancelReplay(ports: Ports, runId: string): Promise<ReplayReport> {
  const run = await endCancelled(ports, runId);
  const report = await reportReplay(ports, run, { runId, attempt: run.attempt }, "cancelled");
  await saveReport(ports, runId, report);
  return report;
}
