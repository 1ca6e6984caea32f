// Decides what a replay says of itself when it ends, however it ends.

import { findJson } from "../ledger/json-object.ts";
import { type Run, type RunRef, TARGETS, type Target } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { NO_EVENT_COUNTS } from "../streaming/event-counts.ts";
import { readingDocument, readingKey } from "../streaming/read-again.ts";
import { MIN_EPOCH_MS, toIso } from "../time/epoch-ms.ts";
import type { Counts } from "../writing/counts.ts";

export interface ReplayReport {
  readonly runId: string;
  readonly workflow: string;
  readonly group: string;
  readonly outcome: string;
  readonly asOf: string;
  /** Null: the oldest that the stream had. */
  readonly from: string | null;
  /** What arrived before this was asked for and gone from the stream; null: nothing. */
  readonly goneBefore: string | null;
  readonly counts: Counts & {
    readonly read: number;
    readonly setAside: number;
    readonly stores: Readonly<Partial<Record<Target, Counts>>>;
  };
  readonly durationMs: number;
}

export async function reportReplay(
  ports: Pick<Ports, "objects" | "timer">,
  run: Run,
  ref: RunRef,
  outcome: string,
): Promise<ReplayReport> {
  const reading = (await findJson(ports.objects, readingKey(ref), readingDocument))?.value;
  const { read, setAside, overall, ...stores } = reading?.counts ?? NO_EVENT_COUNTS;
  const isFromOldest = run.fromMs === undefined || run.fromMs === MIN_EPOCH_MS;
  const goneBeforeMs = isFromOldest ? null : (reading?.goneBeforeMs ?? null);
  return {
    runId: run.runId,
    workflow: run.workflow,
    group: run.group,
    outcome,
    asOf: toIso(run.asOfMs),
    from: isFromOldest || run.fromMs === undefined ? null : toIso(run.fromMs),
    goneBefore: goneBeforeMs === null ? null : toIso(goneBeforeMs),
    counts: {
      read,
      setAside,
      ...overall,
      stores: Object.fromEntries(TARGETS.map((target) => [target, stores[target]])),
    },
    durationMs: Math.max(0, Math.round(ports.timer.nowMs() - run.createdAtMs)),
  };
}
