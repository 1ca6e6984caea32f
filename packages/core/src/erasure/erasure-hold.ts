// Decides what every step of an erasure works with: the run with its lease renewed, the request, the scope, T, the subjects.

import { LeaseLostError } from "../errors/steward-error.ts";
import { requireLease } from "../ledger/hold.ts";
import { findJson } from "../ledger/json-object.ts";
import type { Run, RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { type SuppressionDocument, suppressionDocument, suppressionKey } from "./erasure-documents.ts";
import { type ErasureRequest, type ErasureSubject, getRequest, openSubjects } from "./erasure-request.ts";
import { type ErasureScope, erasureScope } from "./erasure-scope.ts";

export interface ErasureHold {
  readonly run: Run;
  readonly request: ErasureRequest;
  readonly requestId: string;
  readonly scope: ErasureScope;
  /** True for the run that comes back once what the streams retained is gone. */
  readonly isFinish: boolean;
}

/** @throws LeaseLostError when the run may act no more. */
export async function holdErasure(ports: Ports, ref: RunRef): Promise<ErasureHold> {
  return toHold(ports, await requireLease(ports, ref));
}

export async function toHold(ports: Pick<Ports, "ledger" | "definitions">, run: Run): Promise<ErasureHold> {
  const requestId = requestOf(run);
  const request = await getRequest(ports.ledger, requestId);
  const scope = erasureScope(ports.definitions, request.entity);
  return { run, request, requestId, scope, isFinish: requestId !== run.runId };
}

/** The finish of a request is a run of its own that names it. */
export const requestOf = (run: Run): string => run.inputs[0] ?? run.runId;

export interface SuppressedHold extends ErasureHold {
  readonly untilMs: EpochMs;
  readonly suppressedAtMs: EpochMs;
  readonly subjects: readonly ErasureSubject[];
}

/** Of a step after the suppression. @throws LeaseLostError when the run may act no more. */
export async function holdSuppressed(ports: Ports, ref: RunRef): Promise<SuppressedHold> {
  const hold = await holdErasure(ports, ref);
  const suppression = await findSuppression(ports, hold.requestId);
  if (suppression === undefined)
    throw new LeaseLostError(
      `erasure ${hold.requestId} has not suppressed its subjects: nothing may go before`,
    );
  return { ...hold, ...suppression, subjects: await openSubjects(ports, hold.requestId) };
}

export async function findSuppression(
  { objects }: Pick<Ports, "objects">,
  requestId: string,
): Promise<SuppressionDocument | undefined> {
  return (await findJson(objects, suppressionKey(requestId), suppressionDocument))?.value;
}

/** What the readers of files are told. */
export function toFileSubjects({ subjects, untilMs }: Pick<SuppressedHold, "subjects" | "untilMs">) {
  return subjects.map(({ identifier }) => ({ identifier, untilMs }));
}
