// Decides what a replay reads: the events that the stream still has, from the run's instant on, into all three stores.

import { requireHold } from "../ledger/hold.ts";
import type { RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { readAgain, readingKey } from "../streaming/read-again.ts";
import { MIN_EPOCH_MS } from "../time/epoch-ms.ts";

const PATIENCE_MS = 20_000;

/** Called again until `done`. Appends rows to the offline store as well: events that a consumer set aside may pass now. */
export async function replayStream(
  ports: Ports,
  ref: RunRef,
  patienceMs = PATIENCE_MS,
): Promise<{ readonly done: boolean; readonly read: number }> {
  const { run } = await requireHold(ports, ref);
  const fromMs = run.fromMs ?? MIN_EPOCH_MS;
  return readAgain(ports, ref, { key: readingKey(ref), fromMs, patienceMs, alsoOffline: true });
}
