// Decides how a person resumes, cancels and redrives runs of any workflow: the ledger first, then the state machine.

import { entitiesOf } from "../definitions/feature-group.ts";
import { ERASURE } from "../erasure/accept-erasure.ts";
import type { ErasureReport } from "../erasure/erasure-report.ts";
import { cancelErasure } from "../erasure/fail-run.ts";
import { InvalidInputError, LeaseHeldError, NotFoundError } from "../errors/steward-error.ts";
import { registerAsOf } from "../ledger/as-of.ts";
import { createAttempt, executeRun, executionName, reopenAttempt } from "../ledger/attempt.ts";
import { takeHold, takeLease } from "../ledger/hold.ts";
import { findHolder } from "../ledger/lease.ts";
import { getRun, listRuns, type Run, updateRun } from "../ledger/run.ts";
import type { ControlPorts, Ports } from "../ports/ports.ts";
import { cancelRebuild } from "../rebuild/fail-run.ts";
import type { RebuildReport } from "../rebuild/rebuild-report.ts";
import { REBUILD } from "../rebuild/start-rebuild.ts";
import { cancelRefresh } from "../refresh/fail-run.ts";
import type { RefreshReport } from "../refresh/refresh-report.ts";
import { cancelRemediation } from "../remediation/fail-run.ts";
import type { RemediationReport } from "../remediation/remediation-report.ts";
import { REMEDIATION } from "../remediation/remediation-run.ts";
import { cancelReplay } from "../replay/fail-run.ts";
import type { ReplayReport } from "../replay/replay-report.ts";
import { REPLAY } from "../replay/start-replay.ts";
import { listChunks, updateChunk } from "../writing/chunk.ts";
import { NO_STORE_COUNTS } from "../writing/counts.ts";

/** What a run of any workflow says of itself. */
export type RunReport = RefreshReport | RebuildReport | ReplayReport | ErasureReport | RemediationReport;

/** A run as people see it: `interrupted` is running in the ledger while whoever ran it is known to be dead. */
export type RunState = Run["status"] | "interrupted";

/**
 * Continues an interrupted run in the state that it stood in; takes a failed or cancelled one up again from its beginning.
 * `unitsPerSecond`: takes the place of the pace that the run was started with.
 * @throws InvalidInputError for a run that has ended for good, LeaseHeldError while another run, or another process, is at work.
 */
export async function resumeRun(
  ports: ControlPorts,
  runId: string,
  unitsPerSecond?: number | undefined,
): Promise<Run> {
  const run = await getRun(ports.ledger, runId);
  if (run.status === "succeeded" || run.status === "superseded") {
    throw new InvalidInputError(
      `run ${runId} has ${run.status === "succeeded" ? "succeeded" : "been superseded by a later run"}: there is nothing to resume`,
    );
  }
  if (unitsPerSecond !== undefined)
    await updateRun(ports.ledger, runId, (present) => ({ ...present, unitsPerSecond }));
  if (run.status !== "running") {
    const attempt = await createAttempt(ports.ledger, runId);
    await executeRun(ports, attempt, "plan");
    return attempt;
  }
  const held = await takeLease(ports, run);
  try {
    await ports.stateMachines.resume(held.workflow, executionName(held));
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    await executeRun(ports, held, held.redrives === 0 ? "plan" : "writes"); // killed between the run's row and its execution
  }
  return held;
}

/** Ends a run for good or until it is resumed; nothing it still tries can be read. @throws InvalidInputError when it has ended. */
export async function cancelRun(ports: ControlPorts, runId: string): Promise<RunReport> {
  const run = await getRun(ports.ledger, runId);
  if (run.status !== "running")
    throw new InvalidInputError(`run ${runId} is ${run.status}: only a running one can be cancelled`);
  const report = await cancelByWorkflow(ports, run);
  try {
    await ports.stateMachines.stop(run.workflow, executionName(run), "cancelled");
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
  return report;
}

function cancelByWorkflow(ports: ControlPorts, { workflow, runId }: Run): Promise<RunReport> {
  switch (workflow) {
    case REBUILD:
      return cancelRebuild(ports, runId);
    case REPLAY:
      return cancelReplay(ports, runId);
    case ERASURE:
      return cancelErasure(ports, runId);
    case REMEDIATION:
      return cancelRemediation(ports, runId);
    default:
      return cancelRefresh(ports, runId);
  }
}

export interface Redrive {
  /** Dead letters that went back to the queue. */
  readonly letters: number;
  /** Runs that failed by their writes and go on now. */
  readonly runs: readonly Run[];
}

/** Sends dead letters back, and continues the failed runs whose chunks they are. Letters of an attempt that gave way to
 * a new one are of no effect. @throws LeaseHeldError when other runs hold the groups of all of them. */
export async function redriveChunks(ports: ControlPorts): Promise<Redrive> {
  const letters = await ports.chunkQueue.redrive();
  const runs: Run[] = [];
  let held: LeaseHeldError | undefined;
  for (const run of await listRuns(ports.ledger)) {
    if (run.status !== "failed" || run.error?.name !== "WriteFailedError") continue;
    try {
      runs.push(await redriveRun(ports, run));
    } catch (error) {
      if (!(error instanceof LeaseHeldError)) throw error;
      held ??= error;
    }
  }
  if (held !== undefined && runs.length === 0) throw held;
  return { letters, runs };
}

/** At its writes; from its beginning, as a new attempt, where what its chunks are read from is gone (an erasure
 * deletes staging whole). Letters stay where they are: those of the run are of no effect from then on.
 * @throws LeaseHeldError when another run holds the group; the run is then as it was. */
export async function redriveRun(ports: ControlPorts, failed: Run): Promise<Run> {
  const isStaged = await hasStaging(ports, failed);
  const run = await (isStaged ? reopenAttempt : createAttempt)(ports.ledger, failed.runId);
  try {
    await takeHold(ports, run);
  } catch (error) {
    // As it was: nobody runs it. A token that was taken meanwhile stays; a new attempt begins with none.
    await updateRun(ports.ledger, run.runId, ({ token }) => ({
      ...failed,
      token: Math.max(token, failed.token),
    }));
    throw error;
  }
  if (isStaged) await reopenChunks(ports, run);
  await executeRun(ports, run, isStaged ? "writes" : "plan");
  return run;
}

async function hasStaging(ports: Pick<Ports, "ledger" | "objects">, run: Run): Promise<boolean> {
  const chunks = await listChunks(ports.ledger, run);
  for (const key of new Set(chunks.map((chunk) => chunk.key)))
    if ((await ports.objects.find(key)) === undefined) return false;
  return true;
}

async function reopenChunks(ports: ControlPorts, run: Run): Promise<void> {
  const { runId, attempt, asOfMs } = run;
  for (const entity of entitiesOf(ports.definitions.get(run.group)))
    await registerAsOf(ports.ledger, entity, { runId, attempt, asOfMs });
  for (const { number, status } of await listChunks(ports.ledger, run)) {
    if (status === "failed")
      await updateChunk(ports.ledger, run, number, {
        status: "planned",
        counts: NO_STORE_COUNTS,
        reason: null,
      });
  }
}

/** The run's state as people see it. */
export async function describeRunState(
  ports: Pick<Ports, "ledger" | "holders">,
  run: Run,
): Promise<RunState> {
  if (run.status !== "running") return run.status;
  const holder = await findHolder(ports.ledger, run);
  return holder?.runId === run.runId && ports.holders.isGone(holder.process) ? "interrupted" : "running";
}
