// Decides how a replay ends well: metrics, report, lease given back, run succeeded. The consumer's place stays as it is.

import { endWell } from "../ledger/end-run.ts";
import { requireRunning } from "../ledger/hold.ts";
import { getRun, type RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { type ReplayReport, reportReplay } from "./replay-report.ts";

/** Done twice equals once. @throws LeaseLostError when the run was cancelled, or another attempt follows. */
export async function finishReplay(ports: Ports, ref: RunRef): Promise<ReplayReport> {
  const ended = await getRun(ports.ledger, ref.runId);
  if (ended.status === "succeeded" && ended.report !== null) return ended.report as unknown as ReplayReport; // written below
  const run = await requireRunning(ports, ref);
  const report = await reportReplay(ports, run, ref, "succeeded");
  await ports.metrics.put([
    {
      name: "RecordsWritten",
      value: report.counts.written,
      unit: "Count",
      dimensions: { group: run.group, workflow: run.workflow },
      atMs: ports.clock.now(),
    },
  ]);
  await endWell(ports, run, "succeeded", report);
  return report;
}
