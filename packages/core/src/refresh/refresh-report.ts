// Decides what a refresh says of itself when it ends, however it ends.

import type { z } from "zod";
import { findJson } from "../ledger/json-object.ts";
import type { Run, RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { toIso } from "../time/epoch-ms.ts";
import { listChunks, sumChunks } from "../writing/chunk.ts";
import { addStoreCounts, type Counts, isBalanced, NO_COUNTS } from "../writing/counts.ts";
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

/** The report as the ledger keeps it: plain JSON. */
export const toJsonReport = (report: RefreshReport): Record<string, z.core.util.JSONType> =>
  JSON.parse(JSON.stringify(report));

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
      ...settle(stores.overall, planned),
      stores: {
        offline: { ...NO_COUNTS, planned, [isPublished ? "written" : "failed"]: planned },
        online: settle(stores.online, planned),
        hot: settle(stores.hot, planned),
      },
    },
    chunks: chunks.length,
    durationMs: Math.max(0, Math.round(ports.timer.nowMs() - run.createdAtMs)),
  };
}

/** Records of chunks that have no outcome yet: failed, for nobody will write them now. */
function settle(counts: Counts, planned: number): Counts {
  const settled = { ...counts, planned };
  const open =
    planned - (counts.written + counts.newerKept + counts.suppressed + counts.expired + counts.failed);
  const result = { ...settled, failed: settled.failed + open };
  if (open < 0 || !isBalanced(result))
    throw new RangeError(`counts do not balance: ${planned} planned, ${planned - open} with an outcome`);
  return result;
}
