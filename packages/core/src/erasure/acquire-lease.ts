// Decides which erasure works on the entity now: one at a time, and the next waits its turn.

import { type LeaseHoldPorts, takeLease } from "../ledger/hold.ts";
import type { RunRef } from "../ledger/run.ts";
import { requestOf } from "./erasure-hold.ts";

/** @throws LeaseHeldError while another erasure of the entity is at work: asked again until it has ended. */
export async function acquireErasureLease(
  ports: LeaseHoldPorts,
  ref: RunRef,
): Promise<{ readonly token: number; readonly finishes: boolean }> {
  const run = await takeLease(ports, ref);
  return { token: run.token, finishes: requestOf(run) !== run.runId };
}
