// Decides how runs are shown: as a row of a list, or one with all that is known of it.

import type { Run, RunReport, RunState } from "@steward/core";
import type { LedgerView } from "@steward/local";

export interface RunRow {
  readonly runId: string;
  readonly workflow: string;
  readonly group: string;
  readonly state: RunState;
  readonly outcome: string | null;
  readonly asOf: string;
  /** Real time. */
  readonly createdAt: string;
  readonly endedAt: string | null;
}

export async function toRunRow(view: LedgerView, run: Run): Promise<RunRow> {
  const { describeRunState, toEpochMs, toIso } = await import("@steward/core");
  const toRealIso = (atMs: number): string => toIso(toEpochMs(Math.floor(atMs)));
  return {
    runId: run.runId,
    workflow: run.workflow,
    group: run.group,
    state: await describeRunState(view, run),
    outcome: run.outcome,
    asOf: toIso(run.asOfMs),
    createdAt: toRealIso(run.createdAtMs),
    endedAt: run.endedAtMs === null ? null : toRealIso(run.endedAtMs),
  };
}

export interface RunDetail extends RunRow {
  readonly attempt: number;
  readonly inputs: readonly string[];
  readonly counts: RunReport["counts"] | null;
  readonly chunks: number;
  readonly chunksSettled: number;
  readonly chunksFailed: number;
  readonly durationMs: number | null;
  readonly error: Run["error"];
}

/** A report as `refresh` prints it, and where the run stands. */
export async function toRunDetail(view: LedgerView, run: Run): Promise<RunDetail> {
  const { listChunks } = await import("@steward/core");
  const report = run.report as unknown as RunReport | null; // core wrote it
  const chunks = await listChunks(view.ledger, run);
  return {
    ...(await toRunRow(view, run)),
    attempt: run.attempt,
    inputs: run.inputs,
    counts: report?.counts ?? null,
    chunks: chunks.length,
    chunksSettled: chunks.filter(({ status }) => status === "settled").length,
    chunksFailed: chunks.filter(({ status }) => status === "failed").length,
    durationMs: report?.durationMs ?? null,
    error: run.error,
  };
}
