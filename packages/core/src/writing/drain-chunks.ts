// Decides whether the workers are done: every chunk settled, or the run fails with those that are in the dead letters.

import { type UnavailableError, WriteFailedError } from "../errors/steward-error.ts";
import { requireHold } from "../ledger/hold.ts";
import { type Run, type RunRef, targetsOf } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { findChunk, listChunks, parseChunkReference, updateChunk } from "./chunk.ts";
import { uniformCounts } from "./counts.ts";
import { isStoreGone, type OutageWatch, type WriteProgress, watchOutage } from "./outage.ts";

export interface Drain {
  readonly drained: boolean;
  readonly settledCount: number;
  readonly openCount: number;
}

const UNAVAILABLE: UnavailableError["name"] = "UnavailableError";
const DEAD_LETTERS_LOOKED_AT = 1_000;
/** One look costs a query; a laptop's whole refresh takes about a second, so that most need no second call. */
const DRAIN_PATIENCE_MS = 15_000;
const DRAIN_POLL_MS = 50;
/** A look lists all chunks: between two looks it rests so many times as long as one took. */
const REST_PER_LOOK = 40;

/**
 * Looks again and again for as long as `patienceMs`; polled until `drained`. @throws WriteFailedError once none is open
 * and some failed, or as soon as one failed, or tries of any kept failing, because a store is gone: the others would wait
 * for it in vain.
 */
export async function drainChunks(ports: Ports, ref: RunRef, patienceMs = DRAIN_PATIENCE_MS): Promise<Drain> {
  const { run } = await requireHold(ports, ref);
  const untilMs = ports.timer.nowMs() + patienceMs;
  let watch: OutageWatch | undefined;
  for (;;) {
    const beganMs = ports.timer.nowMs();
    await failDeadChunks(ports, run);
    const { outageCount, ...drain } = await look(ports, ref);
    watch = watchOutage(watch, { settledCount: drain.settledCount, outageCount }, ports.timer.nowMs());
    if (isStoreGone(watch)) throw givenUp(drain);
    if (drain.drained || ports.timer.nowMs() >= untilMs) return drain;
    await ports.timer.sleep(Math.max(DRAIN_POLL_MS, REST_PER_LOOK * (ports.timer.nowMs() - beganMs)));
  }
}

function givenUp({ settledCount, openCount }: Drain): WriteFailedError {
  return new WriteFailedError(
    `${openCount} of ${settledCount + openCount} chunks were given up because a store could not be reached (${UNAVAILABLE}): ` +
      "see to the store, then `steward redrive`",
  );
}

async function look(ports: Ports, ref: RunRef): Promise<Drain & WriteProgress> {
  const chunks = await listChunks(ports.ledger, ref);
  const open = chunks.filter(({ status }) => status === "planned");
  const openCount = open.length;
  const failed = chunks.filter(({ status }) => status === "failed");
  const hasGivenUp = failed.some(({ reason }) => reason === UNAVAILABLE);
  if (failed.length > 0 && (openCount === 0 || hasGivenUp)) {
    const reasons = [...new Set(failed.map(({ reason }) => reason))].join(", ");
    const others = openCount > 0 ? `, ${openCount} more were given up with them` : "";
    throw new WriteFailedError(
      `${failed.length} of ${chunks.length} chunks could not be written (${reasons}) and wait in the dead letters${others}: ` +
        "see to the store, then `steward redrive`",
    );
  }
  return {
    drained: openCount === 0,
    settledCount: chunks.length - openCount - failed.length,
    openCount,
    outageCount: open.reduce((sum, { outages }) => sum + (outages ?? 0), 0),
  };
}

/** A worker that dies in its last delivery leaves a dead letter and an open chunk: the letter decides. */
async function failDeadChunks(ports: Ports, run: Run): Promise<void> {
  for (const { body } of await ports.chunkQueue.listDeadLetters(DEAD_LETTERS_LOOKED_AT)) {
    const letter = parseChunkReference(body);
    if (letter?.runId !== run.runId || letter.attempt !== run.attempt) continue;
    if (letter.redrives !== run.redrives) continue;
    const chunk = await findChunk(ports.ledger, run, letter.chunk);
    if (chunk === undefined || chunk.status !== "planned") continue;
    const counts = uniformCounts(chunk.rowCount, "failed", targetsOf(run));
    await updateChunk(ports.ledger, run, chunk.number, { status: "failed", counts, reason: "WorkerDied" });
  }
}
