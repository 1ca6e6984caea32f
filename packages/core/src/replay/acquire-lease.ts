// Decides who replays the group now. The consumer has a lease of its own: both may write, and the newer record wins.

import { type HoldPorts, takeHold } from "../ledger/hold.ts";
import type { RunRef } from "../ledger/run.ts";

/** @throws LeaseHeldError when another replay is at work on the group. */
export async function acquireReplayLease(ports: HoldPorts, ref: RunRef): Promise<{ readonly token: number }> {
  const { run } = await takeHold(ports, ref);
  return { token: run.token };
}
