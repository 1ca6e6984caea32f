// Decides that the subjects are suppressed, with T, in ledger and evidence, before the first deletion.

import { putJson } from "../ledger/json-object.ts";
import type { RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { suppressSubjects } from "../suppression/evidence-chain.ts";
import { type EpochMs, toIso } from "../time/epoch-ms.ts";
import { type SuppressionDocument, suppressionKey } from "./erasure-documents.ts";
import { findSuppression, holdErasure } from "./erasure-hold.ts";
import { listPseudonyms } from "./erasure-request.ts";

/** Done twice equals once: T stays. */
export async function suppressForErasure(
  ports: Ports,
  ref: RunRef,
): Promise<{ readonly suppressedUntil: string }> {
  const { request, requestId } = await holdErasure(ports, ref);
  const pseudonyms = await listPseudonyms(ports.ledger, requestId);
  const untilMs = await suppressSubjects(ports, request.entity, requestId, pseudonyms);
  const before = await findSuppression(ports, requestId);
  const suppressedAtMs: EpochMs = before?.suppressedAtMs ?? ports.clock.now();
  await putJson(ports.objects, suppressionKey(requestId), {
    untilMs,
    suppressedAtMs,
  } satisfies SuppressionDocument);
  return { suppressedUntil: toIso(untilMs) };
}
