// What a test orders the Feature Store emulator to do wrong, on calls to any group.

import type { Platform } from "@steward/local";

export interface OrderedFaults {
  readonly throttleRate?: number;
  readonly errorRate?: number;
  readonly partialBatchRate?: number;
  readonly latencyMs?: number;
}

/** Replaces the faults that were ordered before; none at all by default. */
export async function orderFaults(platform: Platform, faults: OrderedFaults = {}): Promise<void> {
  const reply = await fetch(new URL("/_steward/faults", platform.services.featureStore.url), {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(faults),
  });
  if (!reply.ok) throw new Error(`the emulator refused the faults: ${await reply.text()}`);
}
