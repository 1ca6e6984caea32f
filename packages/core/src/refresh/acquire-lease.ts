// Decides who refreshes the group now: the first step, and the first thing a resumed run does.

import { type HoldPorts, takeHold } from "../ledger/hold.ts";
import type { RunRef } from "../ledger/run.ts";

/** @throws LeaseHeldError when another run is at work on the group. */
export async function acquireRefreshLease(
  ports: HoldPorts,
  ref: RunRef,
): Promise<{ readonly token: number }> {
  const { run } = await takeHold(ports, ref);
  return { token: run.token };
}
