// Decides how a rebuild of a group that a stream feeds comes up to now: what the offline files of the plan may lack is
// read from the stream again, into the rebuilt stores alone.

import { requireHold } from "../ledger/hold.ts";
import { getJson } from "../ledger/json-object.ts";
import { type RunRef, targetsOf } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { readAgain, readingKey } from "../streaming/read-again.ts";
import { planDocument, planKey } from "./rebuild-documents.ts";

const PATIENCE_MS = 20_000;

/** Called again until `done`; nothing to do for a group that batch runs write. */
export async function catchUpStream(
  ports: Ports,
  ref: RunRef,
  patienceMs = PATIENCE_MS,
): Promise<{ readonly done: boolean; readonly read: number }> {
  const { run } = await requireHold(ports, ref);
  const { handOverMs } = await getJson(ports.objects, planKey(ref), planDocument);
  if (handOverMs === undefined) return { done: true, read: 0 };
  return readAgain(ports, ref, {
    key: readingKey(ref),
    fromMs: handOverMs,
    patienceMs,
    targets: targetsOf(run),
    alsoOffline: false,
  });
}
