// Decides that the erasure is certified: what was found and went in every copy, what only time empties, what stays. The
// run ends here; the finish follows once the streams retain nothing of it.

import { endWell } from "../ledger/end-run.ts";
import { requireLease } from "../ledger/hold.ts";
import { getJson } from "../ledger/json-object.ts";
import { getRun, type RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { findEvidenceOf } from "../suppression/evidence-chain.ts";
import { type EpochMs, parseInstant } from "../time/epoch-ms.ts";
import { leaveGate } from "./accept-erasure.ts";
import { type Certificate, signCertificate } from "./certificate.ts";
import { readFindings, scanDocument, scanKey } from "./erasure-documents.ts";
import { holdSuppressed, type SuppressedHold } from "./erasure-hold.ts";
import { copyResults, overallOutcome, subjectResults } from "./erasure-outcome.ts";
import { type ErasureReport, reportErasure } from "./erasure-report.ts";
import { updateRequest } from "./erasure-request.ts";
import { finishAfter, listExpiries, listStaying } from "./remaining-copies.ts";

const READER = "a Parquet reader that shares no code with the one that wrote; every store read and listed";

/** Done twice equals once: the certificate is the one that is there. */
export async function certifyErasure(ports: Ports, ref: RunRef): Promise<ErasureReport> {
  const ended = await getRun(ports.ledger, ref.runId);
  if (ended.status === "succeeded" && ended.report !== null) return ended.report as unknown as ErasureReport; // written below
  const hold = await holdSuppressed(ports, ref);
  const { requestId, scope } = hold;
  const copies = await readFindings(ports.objects, requestId);
  const remaining = {
    expiries: await listExpiries(ports, scope),
    stays: await listStaying(ports, scope, copies),
  };
  const pseudonyms = hold.subjects.map(({ pseudonym }) => pseudonym);
  const subjects = subjectResults(pseudonyms, copies);
  const certificate = await signCertificate(ports, {
    requestId,
    entity: scope.entity,
    subjects,
    suppressedUntilMs: hold.untilMs,
    requestedAtMs: hold.request.requestedAtMs,
    suppressedAtMs: hold.suppressedAtMs,
    copies: copyResults(copies, remaining.expiries),
    stays: remaining.stays,
    scan: await readScan(ports, hold, ref),
    finishAfterMs: finishAfter(ports, scope),
  });
  await noteCertificate(ports, requestId, certificate);
  const run = await requireLease(ports, ref);
  const outcome = overallOutcome(subjects);
  const report = await reportErasure(ports, run, outcome, remaining);
  await emitMetrics(ports, report);
  await endWell(ports, run, outcome, report);
  await leaveGate(ports.ledger, scope.entity, requestId);
  return report;
}

async function readScan({ objects }: Ports, { requestId }: SuppressedHold, { runId, attempt }: RunRef) {
  const scan = await getJson(objects, scanKey(requestId, `${runId}-${attempt}`), scanDocument);
  return { reader: READER, objects: scan.objects, versions: scan.versions, found: scan.found };
}

async function noteCertificate(
  ports: Pick<Ports, "ledger" | "objects">,
  requestId: string,
  { certifiedAt, finishAfter: finish }: Certificate,
): Promise<void> {
  const stored = await findEvidenceOf(ports, { kind: "certificate", requestId });
  if (stored === undefined) return;
  await updateRequest(ports.ledger, requestId, (request) => ({
    ...request,
    certificate: {
      number: stored.entry.number,
      key: stored.key,
      sha256: stored.sha256,
      certifiedAtMs: toInstant(certifiedAt),
      finishAfterMs: toInstant(finish),
    },
  }));
}

/** Of a certificate, whose instants were written by `toIso`. */
const toInstant = (text: string): EpochMs => parseInstant(text) ?? (0 as EpochMs);

async function emitMetrics(ports: Pick<Ports, "clock" | "metrics">, report: ErasureReport): Promise<void> {
  const dimensions = { entity: report.entity, workflow: report.workflow };
  const atMs = ports.clock.now();
  await ports.metrics.put([
    { name: "ErasureDuration", value: report.durationMs, unit: "Milliseconds", dimensions, atMs },
    { name: "SubjectsErased", value: report.counts.erased, unit: "Count", dimensions, atMs },
  ]);
}
