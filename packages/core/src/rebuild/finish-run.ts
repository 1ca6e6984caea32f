// Decides how a rebuild ends well: metrics, report, staging gone, as-of ended, lease given back, run succeeded.
// The watermark stays where it is: a rebuild brings nothing new.

import { endWell } from "../ledger/end-run.ts";
import { requireRunning } from "../ledger/hold.ts";
import { getRun, type RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { removeAttempt } from "./fail-run.ts";
import { type RebuildReport, reportRebuild } from "./rebuild-report.ts";

/** Done twice equals once. Returns the report. @throws LeaseLostError when the run was cancelled, or another attempt follows. */
export async function finishRebuild(ports: Ports, ref: RunRef): Promise<RebuildReport> {
  const ended = await getRun(ports.ledger, ref.runId);
  if (ended.status === "succeeded" && ended.report !== null) return ended.report as unknown as RebuildReport; // written below
  const run = await requireRunning(ports, ref);
  const report = await reportRebuild(ports, run, ref, "succeeded");
  const dimensions = { group: run.group, workflow: run.workflow };
  const atMs = ports.clock.now();
  await ports.metrics.put([
    { name: "RebuildDuration", value: report.durationMs, unit: "Milliseconds", dimensions, atMs },
    { name: "RecordsWritten", value: report.counts.written, unit: "Count", dimensions, atMs },
  ]);
  await removeAttempt(ports, ports.definitions.get(run.group), ref);
  await endWell(ports, run, "succeeded", report);
  return report;
}
