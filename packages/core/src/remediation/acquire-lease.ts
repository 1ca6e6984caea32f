// Decides who looks after the group now: one remediation at a time, so that a group never gets two remedies at once.

import { type LeaseHoldPorts, takeLease } from "../ledger/hold.ts";
import type { RunRef } from "../ledger/run.ts";

/** @throws LeaseHeldError when another remediation is at work on the group. */
export async function acquireRemediationLease(
  ports: LeaseHoldPorts,
  ref: RunRef,
): Promise<{ readonly token: number }> {
  return { token: (await takeLease(ports, ref)).token };
}
