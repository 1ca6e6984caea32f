// Decides when a refresh has happened: the watermark, last of all writes, under the run's fencing token.

import { requireHold } from "../ledger/hold.ts";
import { getJson } from "../ledger/json-object.ts";
import { commitWatermark } from "../ledger/lease.ts";
import type { RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { toIso } from "../time/epoch-ms.ts";
import { computeDocument, computeKey, toWatermark } from "./refresh-documents.ts";

/** @throws LeaseLostError when another run holds the group. */
export async function commitRefreshWatermark(
  ports: Ports,
  ref: RunRef,
): Promise<{ readonly watermark: string }> {
  const { run, group } = await requireHold(ports, ref);
  const computed = await getJson(ports.objects, computeKey(ref), computeDocument);
  const watermark = toWatermark(run, group, computed);
  await commitWatermark(ports.ledger, group.name, run.token, watermark, ports.clock.now());
  return { watermark: toIso(run.asOfMs) };
}
