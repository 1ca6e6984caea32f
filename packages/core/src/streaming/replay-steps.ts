// Decides the steps of a replay: lease, reading until the end, a good or a bad end. It keeps no data that must be undone:
// each event that was written is as it should be.

import { endBadly, endCancelled, endWell, type Failure, saveReport } from "../ledger/end-run.ts";
import { type HoldPorts, requireHold, requireRunning, takeHold } from "../ledger/hold.ts";
import { getRun, type RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { MIN_EPOCH_MS } from "../time/epoch-ms.ts";
import { readAgain, readingKey } from "./read-again.ts";

import { type ReplayReport, reportReplay } from "./replay-report.ts";

const PATIENCE_MS = 20_000;

/** @throws LeaseHeldError when another replay is at work on the group. The consumer has a lease of its own: both may write. */
export async function acquireReplayLease(ports: HoldPorts, ref: RunRef): Promise<{ readonly token: number }> {
  const { run } = await takeHold(ports, ref);
  return { token: run.token };
}

/** Called again until `done`. Appends rows to the offline store as well: events that a consumer set aside may pass now. */
export async function replayStream(
  ports: Ports,
  ref: RunRef,
  patienceMs = PATIENCE_MS,
): Promise<{ readonly done: boolean; readonly read: number }> {
  const { run } = await requireHold(ports, ref);
  const fromMs = run.fromMs ?? MIN_EPOCH_MS;
  return readAgain(ports, ref, { key: readingKey(ref), fromMs, patienceMs, alsoOffline: true });
}

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
