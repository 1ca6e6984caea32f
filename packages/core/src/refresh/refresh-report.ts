// Decides what a refresh says of itself when it ends, however it ends.

import { findJson } from "../ledger/json-object.ts";
import type { Run, RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { toIso } from "../time/epoch-ms.ts";
import { listChunks, sumChunks } from "../writing/chunk.ts";
import { addStoreCounts, type Counts, NO_COUNTS, settleCounts } from "../writing/counts.ts";
import { appendDocument, appendKey, computeDocument, computeKey } from "./refresh-documents.ts";

export interface RefreshReport {
  readonly runId: string;
  readonly workflow: string;
  readonly group: string;
  readonly outcome: string;
  readonly asOf: string;
  readonly counts: Counts & {
    /** Rows of the files that this run appended, and those of them that were set aside. */
    readonly read: number;
    readonly setAside: number;
    readonly stores: { readonly offline: Counts; readonly online: Counts; readonly hot: Counts };
  };
  readonly chunks: number;
  readonly durationMs: number;
}

/** Counts what the attempt did; chunks that never settled count their records as failed, so that each store balances. */
export async function reportRefresh(
  ports: Pick<Ports, "ledger" | "objects" | "timer">,
  run: Run,
  ref: RunRef,
  outcome: string,
  isPublished: boolean,
): Promise<RefreshReport> {
  const appended = (await findJson(ports.objects, appendKey(ref), appendDocument))?.value.files ?? [];
  const planned = (await findJson(ports.objects, computeKey(ref), computeDocument))?.value.recordCount ?? 0;
  const chunks = await listChunks(ports.ledger, ref);
  const stores = sumChunks(chunks, addStoreCounts);
  return {
    runId: run.runId,
    workflow: run.workflow,
    group: run.group,
    outcome,
    asOf: toIso(run.asOfMs),
    counts: {
      read: appended.reduce((sum, { rowCount }) => sum + rowCount, 0),
      setAside: appended.reduce((sum, { setAsideCount }) => sum + setAsideCount, 0),
      ...settleCounts(stores.overall, planned),
      stores: {
        offline: { ...NO_COUNTS, planned, [isPublished ? "written" : "failed"]: planned },
        online: settleCounts(stores.online, planned),
        hot: settleCounts(stores.hot, planned),
      },
    },
    chunks: chunks.length,
    durationMs: Math.max(0, Math.round(ports.timer.nowMs() - run.createdAtMs)),
  };
}
