// Decides what a rebuild says of itself when it ends, however it ends.

import { findJson } from "../ledger/json-object.ts";
import { type Run, type RunRef, type Target, targetsOf } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { readingDocument, readingKey } from "../streaming/read-again.ts";
import { toIso } from "../time/epoch-ms.ts";
import { listChunks, sumChunks } from "../writing/chunk.ts";
import { addStoreCounts, type Counts, settleCounts } from "../writing/counts.ts";
import {
  planDocument,
  planKey,
  snapshotDocument,
  snapshotKey,
  type Tally,
  verifyDocument,
  verifyKey,
} from "./rebuild-documents.ts";

export interface RebuildReport {
  readonly runId: string;
  readonly workflow: string;
  readonly group: string;
  readonly outcome: string;
  readonly asOf: string;
  readonly targets: readonly Target[];
  readonly counts: Counts & {
    /** Rows of the offline files, all versions of all records; files that no manifest names not counted. */
    readonly read: number;
    readonly setAside: number;
    readonly stores: Readonly<Partial<Record<Target, Counts>>>;
  };
  /** Records of the snapshot compared with the stores, and those that differ by kind; null: it did not come to that. */
  readonly verify: Tally | null;
  /** Events of the stream that were read again after the writing; null: no stream feeds the group, or it did not come to that. */
  readonly caughtUp: number | null;
  readonly chunks: number;
  readonly durationMs: number;
}

/** Counts what the attempt did; chunks that never settled count their records as failed, so that each store balances. */
export async function reportRebuild(
  ports: Pick<Ports, "ledger" | "objects" | "timer">,
  run: Run,
  ref: RunRef,
  outcome: string,
): Promise<RebuildReport> {
  const files = (await findJson(ports.objects, planKey(ref), planDocument))?.value.files ?? [];
  const planned = (await findJson(ports.objects, snapshotKey(ref), snapshotDocument))?.value.recordCount ?? 0;
  const reading = await findJson(ports.objects, readingKey(ref), readingDocument);
  const verified = await findJson(ports.objects, verifyKey(ref), verifyDocument);
  const chunks = await listChunks(ports.ledger, ref);
  const sums = sumChunks(chunks, addStoreCounts);
  const targets = targetsOf(run);
  return {
    runId: run.runId,
    workflow: run.workflow,
    group: run.group,
    outcome,
    asOf: toIso(run.asOfMs),
    targets,
    counts: {
      read: files.reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0),
      setAside: 0,
      ...settleCounts(sums.overall, planned),
      stores: Object.fromEntries(targets.map((target) => [target, settleCounts(sums[target], planned)])),
    },
    verify: verified?.value.records ?? null,
    caughtUp: reading?.value.counts.read ?? null,
    chunks: chunks.length,
    durationMs: Math.max(0, Math.round(ports.timer.nowMs() - run.createdAtMs)),
  };
}
