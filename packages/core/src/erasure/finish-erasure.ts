// Decides that an erasure is over: once the streams retain nothing of its subjects, all copies were passed over and scanned
// again, it stands in the evidence, and the identifiers of the request are forgotten.

import { executeRun } from "../ledger/attempt.ts";
import { endWell } from "../ledger/end-run.ts";
import { requireLease } from "../ledger/hold.ts";
import { getJson } from "../ledger/json-object.ts";
import { createRun, findRun, getRun, type Run, type RunRef } from "../ledger/run.ts";
import type { ControlPorts, Ports } from "../ports/ports.ts";
import { appendEvidence } from "../suppression/evidence-chain.ts";
import { newErasureRun } from "./accept-erasure.ts";
import { scanDocument, scanKey } from "./erasure-documents.ts";
import { holdErasure } from "./erasure-hold.ts";
import { type ErasureReport, reportErasure } from "./erasure-report.ts";
import { type ErasureRequest, forgetIdentifiers, listRequests, updateRequest } from "./erasure-request.ts";

/** Done twice equals once. */
export async function finishErasure(ports: Ports, ref: RunRef): Promise<ErasureReport> {
  const ended = await getRun(ports.ledger, ref.runId);
  if (ended.status === "succeeded" && ended.report !== null) return ended.report as unknown as ErasureReport; // written below
  const { requestId, request, scope } = await holdErasure(ports, ref);
  for (const { source, isStreamed } of scope.sources)
    if (isStreamed) await ports.streams.get(source.name).purgeExpired();
  const key = scanKey(requestId, `${ref.runId}-${ref.attempt}`);
  const { objects, versions, found } = await getJson(ports.objects, key, scanDocument);
  await appendEvidence(ports, {
    kind: "finish",
    requestId,
    body: () => ({
      entity: request.entity,
      certificate: request.certificate?.number ?? null,
      scan: { objects, versions, found },
    }),
  });
  await forgetIdentifiers(ports.ledger, requestId);
  const finishedAtMs = ports.clock.now();
  await updateRequest(ports.ledger, requestId, (present) => ({
    ...present,
    finishedAtMs: present.finishedAtMs ?? finishedAtMs,
  }));
  const run = await requireLease(ports, ref);
  const report = await reportErasure(ports, run, "finished");
  await endWell(ports, run, "finished", report);
  return report;
}

/** Requests whose finish is due and not done. */
export async function listDueFinishes(
  ports: Pick<Ports, "clock" | "ledger">,
): Promise<readonly ErasureRequest[]> {
  const nowMs = ports.clock.now();
  return (await listRequests(ports.ledger)).filter(
    ({ certificate, finishedAtMs }) =>
      certificate !== null && finishedAtMs === null && certificate.finishAfterMs <= nowMs,
  );
}

/** The run that finishes the request, begun if it is not yet. */
export async function startFinish(ports: ControlPorts, request: ErasureRequest): Promise<Run> {
  const { requestId, entity } = request;
  const held = await updateRequest(ports.ledger, requestId, (present) =>
    present.finishRunId === null ? { ...present, finishRunId: ports.ids.runId() } : undefined,
  );
  const runId = held.finishRunId ?? requestId;
  const found = await findRun(ports.ledger, runId);
  if (found !== undefined) return found;
  const run = newErasureRun(ports, { runId, entity, asOfMs: ports.clock.now(), inputs: [requestId] });
  await createRun(ports.ledger, run);
  await executeRun(ports, run, "plan");
  return run;
}
