// Decides when rows that the online store held back have reached the offline store, so that the pass over its files finds
// them: so long after the last writer from before the suppression. Only groups that are written with both stores have any.

import { requireLease } from "../ledger/hold.ts";
import { findJson, putJson } from "../ledger/json-object.ts";
import type { RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { bufferDocument, bufferKey } from "./erasure-documents.ts";
import { holdErasure } from "./erasure-hold.ts";

const PATIENCE_MS = 10_000;
const POLL_MS = 200;

/** Polled until `empty`. */
export async function awaitOfflineBuffer(
  ports: Ports,
  ref: RunRef,
  patienceMs = PATIENCE_MS,
): Promise<{ readonly empty: boolean }> {
  const { requestId, scope } = await holdErasure(ports, ref);
  if (!scope.groups.some(({ group }) => group.path === "stream")) return { empty: true };
  const drainedAtMs = await noteDrained(ports, requestId);
  const emptyAtMs = drainedAtMs + ports.settings.offlineBufferMs;
  const untilMs = ports.timer.nowMs() + patienceMs;
  while (ports.timer.nowMs() < emptyAtMs) {
    if (ports.timer.nowMs() >= untilMs) return { empty: false };
    await ports.timer.sleep(POLL_MS);
    await requireLease(ports, ref);
  }
  await ports.onlineStore.flushOffline(); // a flush that began in time may still be at work
  return { empty: true };
}

/** Noted once: a retry does not wait anew. */
async function noteDrained({ objects, timer }: Ports, requestId: string): Promise<number> {
  const wanted = { drainedAtMs: timer.nowMs() };
  const outcome = await putJson(objects, bufferKey(requestId), wanted, "absent");
  if (outcome.kind === "stored") return wanted.drainedAtMs;
  const found = await findJson(objects, bufferKey(requestId), bufferDocument);
  return found?.value.drainedAtMs ?? wanted.drainedAtMs;
}
