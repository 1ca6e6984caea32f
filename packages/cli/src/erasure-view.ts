// Decides how erasures are shown: as a row of a list, or one with all that is known of it.

import type { ErasureReport, ErasureRequest, Run } from "@steward/core";
import type { LedgerView } from "@steward/local";

export interface ErasureRow {
  readonly requestId: string;
  readonly entity: string;
  readonly subjects: number;
  /** `finished`, `certified`, or the state of its run. */
  readonly state: string;
  readonly outcome: string | null;
  readonly requestedAt: string;
  readonly certifiedAt: string | null;
  readonly finishAfter: string | null;
  readonly finishedAt: string | null;
}

export async function toErasureRow(view: LedgerView, request: ErasureRequest, run: Run): Promise<ErasureRow> {
  const { describeRunState, toIso } = await import("@steward/core");
  const { certificate, finishedAtMs } = request;
  const reached = finishedAtMs !== null ? "finished" : certificate !== null ? "certified" : undefined;
  return {
    requestId: request.requestId,
    entity: request.entity,
    subjects: request.subjectCount,
    state: reached ?? (await describeRunState(view, run)),
    outcome: run.outcome,
    requestedAt: toIso(request.requestedAtMs),
    certifiedAt: certificate === null ? null : toIso(certificate.certifiedAtMs),
    finishAfter: certificate === null ? null : toIso(certificate.finishAfterMs),
    finishedAt: finishedAtMs === null ? null : toIso(finishedAtMs),
  };
}

/** The row, and what its run reported where it has. */
export type ErasureDetail = ErasureRow & Partial<Omit<ErasureReport, keyof ErasureRow>>;

export function toErasureDetail(row: ErasureRow, run: Run): ErasureDetail {
  const report = run.report as unknown as ErasureReport | null; // core wrote it
  return { ...report, ...row };
}
