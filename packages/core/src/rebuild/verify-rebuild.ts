// Decides whether a rebuild has done what it planned: the counts balance, and every record of the snapshot is in the
// stores as it was read, or newer, suppressed or expired there. Says how many are not, never which.

import { DifferencesFoundError } from "../errors/steward-error.ts";
import { requireHold } from "../ledger/hold.ts";
import { findJson, getJson, putJson } from "../ledger/json-object.ts";
import { type RunRef, type Target, targetsOf } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import type { Comparison, Difference } from "../reading/compare-records.ts";
import { type Chunk, listChunks, sumChunks } from "../writing/chunk.ts";
import { addStoreCounts, isBalanced } from "../writing/counts.ts";
import { compareChunk } from "./compare-chunk.ts";
import {
  snapshotDocument,
  snapshotKey,
  type Tally,
  type VerifyDocument,
  verifyDocument,
  verifyKey,
} from "./rebuild-documents.ts";

const PATIENCE_MS = 20_000;
const NONE: Tally = { compared: 0, missing: 0, stale: 0, different: 0 };
const NOTHING_COMPARED: VerifyDocument = {
  nextChunk: 0,
  records: NONE,
  stores: { online: NONE, hot: NONE },
};

/** Compares chunk after chunk for as long as `patienceMs`; called again until `done`. @throws DifferencesFoundError once all is compared. */
export async function verifyRebuild(
  ports: Ports,
  ref: RunRef,
  patienceMs = PATIENCE_MS,
): Promise<{ readonly done: boolean; readonly compared: number }> {
  const { run, group } = await requireHold(ports, ref);
  const { recordCount } = await getJson(ports.objects, snapshotKey(ref), snapshotDocument);
  const chunks = await listChunks(ports.ledger, ref);
  const targets = targetsOf(run);
  checkBalance(chunks, recordCount, targets);
  const untilMs = ports.timer.nowMs() + patienceMs;
  let verified = (await findJson(ports.objects, verifyKey(ref), verifyDocument))?.value ?? NOTHING_COMPARED;
  for (const chunk of chunks.slice(verified.nextChunk)) {
    verified = addComparisons(verified, await compareChunk(ports, group, chunk, targets), targets);
    if (ports.timer.nowMs() >= untilMs) break;
  }
  await putJson(ports.objects, verifyKey(ref), verified);
  const { compared } = verified.records;
  if (verified.nextChunk < chunks.length) return { done: false, compared };
  refuseDifferences(verified, targets);
  return { done: true, compared };
}

function checkBalance(chunks: readonly Chunk[], recordCount: number, targets: readonly Target[]): void {
  const counts = sumChunks(chunks, addStoreCounts);
  for (const name of ["overall", ...targets] as const) {
    if (counts[name].planned !== recordCount || !isBalanced(counts[name]))
      throw new DifferencesFoundError(
        `the counts do not balance (${name}): ${recordCount} records were planned, ${counts[name].planned} have an outcome`,
      );
  }
}

/** What a record counts as when its stores disagree with the snapshot in several ways. */
const PRECEDENCE: readonly Difference[] = ["missing", "different", "stale"];

function addComparisons(
  verified: VerifyDocument,
  comparisons: readonly Comparison[],
  targets: readonly Target[],
): VerifyDocument {
  const worst = comparisons.map((found) => PRECEDENCE.find((kind) => Object.values(found).includes(kind)));
  const stores = { ...verified.stores };
  for (const target of targets)
    stores[target] = addTally(
      stores[target],
      comparisons.map((found) => found[target]),
    );
  return { nextChunk: verified.nextChunk + 1, records: addTally(verified.records, worst), stores };
}

function addTally(tally: Tally, found: readonly (Difference | undefined)[]): Tally {
  const count = (kind: Difference): number => found.filter((one) => one === kind).length;
  return {
    compared: tally.compared + found.length,
    missing: tally.missing + count("missing"),
    stale: tally.stale + count("stale"),
    different: tally.different + count("different"),
  };
}

function refuseDifferences({ records, stores }: VerifyDocument, targets: readonly Target[]): void {
  const differing = records.missing + records.stale + records.different;
  if (differing === 0) return;
  const kinds = targets.map((target) => {
    const { missing, stale, different } = stores[target];
    return `${target}: ${missing} missing, ${stale} stale, ${different} different`;
  });
  throw new DifferencesFoundError(
    `${differing} of ${records.compared} records are not in the stores as they are offline (${kinds.join("; ")})`,
  );
}
