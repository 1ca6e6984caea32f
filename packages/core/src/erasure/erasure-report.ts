// Decides what an erasure says of itself, while it runs and when it has ended: counts, copies and dates, never who.

import type { Run } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { type EpochMs, toIso } from "../time/epoch-ms.ts";
import { type CopyDocument, readFindings } from "./erasure-documents.ts";
import { findSuppression, requestOf } from "./erasure-hold.ts";
import {
  type CopyResult,
  copyResults,
  countResults,
  type Expiry,
  subjectResults,
} from "./erasure-outcome.ts";
import { type ErasureRequest, getRequest, listPseudonyms } from "./erasure-request.ts";
import type { Staying } from "./remaining-copies.ts";

export interface ErasureReport {
  readonly runId: string;
  readonly workflow: string;
  readonly group: string;
  readonly outcome: string;
  readonly asOf: string;
  readonly requestId: string;
  readonly entity: string;
  /** subjects = erased + nothingFound + newerKept, once it is certified. */
  readonly counts: {
    readonly subjects: number;
    readonly erased: number;
    readonly nothingFound: number;
    readonly newerKept: number;
  };
  /** T; null: not suppressed yet. */
  readonly suppressedUntil: string | null;
  readonly requestedAt: string;
  readonly suppressedAt: string | null;
  readonly certifiedAt: string | null;
  readonly copies: readonly CopyLine[];
  readonly stays: readonly Staying[];
  /** The entry of the evidence that is the certificate; null: not signed yet. */
  readonly evidence: { readonly number: number; readonly key: string; readonly sha256: string } | null;
  readonly finishAfter: string | null;
  readonly finishedAt: string | null;
  readonly durationMs: number;
}

export interface CopyLine {
  readonly copy: string;
  readonly name: string;
  readonly lookedAt: number;
  readonly found: number;
  readonly erased: number;
  readonly newerKept: number;
  readonly logicallyGoneAt: string | null;
  readonly physicallyGoneAt: string | null;
  readonly expiresOn: string | null;
}

export function toCopyLine({
  logicallyGoneAtMs,
  physicallyGoneAtMs,
  expiresOnMs,
  ...counts
}: CopyResult): CopyLine {
  return {
    ...counts,
    logicallyGoneAt: orNull(logicallyGoneAtMs),
    physicallyGoneAt: orNull(physicallyGoneAtMs),
    expiresOn: orNull(expiresOnMs),
  };
}

/** What is known of it now; `remaining` where it has been worked out. */
export async function reportErasure(
  ports: Pick<Ports, "ledger" | "objects" | "timer">,
  run: Run,
  outcome: string,
  remaining: { readonly expiries: readonly Expiry[]; readonly stays: readonly Staying[] } = {
    expiries: [],
    stays: [],
  },
): Promise<ErasureReport> {
  const requestId = requestOf(run);
  const request = await getRequest(ports.ledger, requestId);
  const suppression = await findSuppression(ports, requestId);
  const copies = await readFindings(ports.objects, requestId);
  return {
    runId: run.runId,
    workflow: run.workflow,
    group: run.group,
    outcome,
    asOf: toIso(run.asOfMs),
    requestId,
    entity: request.entity,
    counts: await countSubjects(ports, request, copies),
    suppressedUntil: orNull(suppression?.untilMs),
    requestedAt: toIso(request.requestedAtMs),
    suppressedAt: orNull(suppression?.suppressedAtMs),
    certifiedAt: orNull(request.certificate?.certifiedAtMs),
    copies: copyResults(copies, remaining.expiries).map(toCopyLine),
    stays: remaining.stays,
    evidence: request.certificate === null ? null : toReference(request.certificate),
    finishAfter: orNull(request.certificate?.finishAfterMs),
    finishedAt: orNull(request.finishedAtMs),
    durationMs: Math.max(0, Math.round(ports.timer.nowMs() - run.createdAtMs)),
  };
}

async function countSubjects(
  ports: Pick<Ports, "ledger">,
  request: ErasureRequest,
  copies: readonly CopyDocument[],
): Promise<ErasureReport["counts"]> {
  const { subjectCount: subjects } = request;
  const counts = countResults(subjectResults(await listPseudonyms(ports.ledger, request.requestId), copies));
  const nothingFound = request.certificate === null ? 0 : counts["nothing found"];
  return { subjects, erased: counts.erased, nothingFound, newerKept: counts["newer kept"] };
}

const toReference = ({ number, key, sha256 }: NonNullable<ErasureRequest["certificate"]>) => ({
  number,
  key,
  sha256,
});

const orNull = (instant: EpochMs | null | undefined): string | null =>
  instant === null || instant === undefined ? null : toIso(instant);
