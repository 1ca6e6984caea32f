// Decides when the writes of a rebuild are done: once every chunk of it is settled.

import type { RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { type Drain, drainChunks } from "../writing/drain-chunks.ts";

/** Polled until `drained`. @throws WriteFailedError once no chunk is open and some failed. */
export async function awaitRebuildWrites(ports: Ports, ref: RunRef, patienceMs?: number): Promise<Drain> {
  return drainChunks(ports, ref, patienceMs);
}
