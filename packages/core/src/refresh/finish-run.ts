// Decides how a refresh ends well: metrics, report, staging gone, as-of ended, lease given back, run succeeded.

import { entitiesOf } from "../definitions/feature-group.ts";
import { endAsOf } from "../ledger/as-of.ts";
import { endWell } from "../ledger/end-run.ts";
import { requireRunning } from "../ledger/hold.ts";
import { purgePrefix } from "../ledger/json-object.ts";
import { findWatermark } from "../ledger/lease.ts";
import { getRun, type Run, type RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { stagingPrefix } from "./refresh-documents.ts";
import { type RefreshReport, reportRefresh } from "./refresh-report.ts";

/** Done twice equals once. Returns the report. @throws LeaseLostError when the run was cancelled, or another attempt follows. */
export async function finishRefresh(
  ports: Ports,
  ref: RunRef,
  outcome: "succeeded" | "unchanged",
): Promise<RefreshReport> {
  const ended = await getRun(ports.ledger, ref.runId);
  if (ended.status === "succeeded" && ended.report !== null) return ended.report as unknown as RefreshReport; // written below
  const run = await requireRunning(ports, ref);
  const group = ports.definitions.get(run.group);
  const report = await reportRefresh(ports, run, ref, outcome, true);
  await emitMetrics(ports, run, report);
  await purgePrefix(ports.objects, stagingPrefix(ref));
  for (const entity of entitiesOf(group)) await endAsOf(ports.ledger, entity, ref);
  await endWell(ports, run, outcome, report);
  return report;
}

async function emitMetrics(ports: Ports, run: Run, report: RefreshReport): Promise<void> {
  const dimensions = { group: run.group, workflow: run.workflow };
  const atMs = ports.clock.now();
  const { counts, durationMs } = report;
  const watermark = await findWatermark(ports.ledger, run.group);
  const greatest = watermark?.greatestEventTimeMs;
  await ports.metrics.put([
    { name: "RefreshDuration", value: durationMs, unit: "Milliseconds", dimensions, atMs },
    { name: "RowsSetAside", value: counts.setAside, unit: "Count", dimensions, atMs },
    { name: "RecordsWritten", value: counts.written, unit: "Count", dimensions, atMs },
    ...(greatest === null || greatest === undefined
      ? []
      : [
          {
            name: "FeatureAge",
            value: Math.max(0, (atMs - greatest) / 1_000),
            unit: "Seconds" as const,
            dimensions,
            atMs,
          },
        ]),
  ]);
}
