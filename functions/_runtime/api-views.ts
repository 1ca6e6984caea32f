// Decides what the API says of a run and of an erasure: the same facts as the command line, instants as ISO-8601.

import {
  describeRunState,
  type ErasureRequest,
  findRequest,
  findRun,
  listChunks,
  type Ports,
  type Run,
  toEpochMs,
  toIso,
} from "@steward/core";
import { RequestError } from "./api-problem.ts";
import { type ErasureAnswer, orNull, type RunAnswer } from "./api-schemas.ts";

type ViewPorts = Pick<Ports, "ledger" | "holders">;

/** What a path names is not repeated: nobody knows what was typed there. @throws RequestError (404). */
export async function requireRun({ ledger }: ViewPorts, id: string): Promise<Run> {
  const run = await findRun(ledger, id);
  if (run !== undefined) return run;
  throw new RequestError("NotFoundError", "there is no run of this id: GET /runs lists them", {
    field: "id",
    rule: "is the id of a run",
  });
}

/** @throws RequestError (404). */
export async function requireErasure({ ledger }: ViewPorts, id: string): Promise<ErasureRequest> {
  const request = await findRequest(ledger, id);
  if (request !== undefined) return request;
  throw new RequestError("NotFoundError", "there is no erasure of this id", {
    field: "id",
    rule: "is the id of an erasure",
  });
}

export async function toRunAnswer(ports: ViewPorts, run: Run): Promise<RunAnswer> {
  const chunks = await listChunks(ports.ledger, run);
  const settled = chunks.filter(({ status }) => status === "settled");
  return {
    runId: run.runId,
    workflow: run.workflow,
    group: run.group,
    state: await describeRunState(ports, run),
    outcome: run.outcome,
    asOf: toIso(run.asOfMs),
    createdAt: toRealIso(run.createdAtMs),
    endedAt: run.endedAtMs === null ? null : toRealIso(run.endedAtMs),
    attempt: run.attempt,
    chunks: {
      planned: chunks.length,
      settled: settled.length,
      failed: chunks.filter(({ status }) => status === "failed").length,
    },
    records: { planned: sumRows(chunks), settled: sumRows(settled) },
    error: run.error,
    report: run.report,
  };
}

export async function toErasureAnswer(ports: ViewPorts, request: ErasureRequest): Promise<ErasureAnswer> {
  const { certificate, finishedAtMs } = request;
  const reached = finishedAtMs !== null ? "finished" : certificate !== null ? "certified" : undefined;
  const run = await findRun(ports.ledger, request.requestId);
  return {
    requestId: request.requestId,
    entity: request.entity,
    subjects: request.subjectCount,
    // A request without its run was accepted a moment ago.
    state: reached ?? (run === undefined ? "running" : await describeRunState(ports, run)),
    outcome: run?.outcome ?? null,
    requestedAt: toIso(request.requestedAtMs),
    certifiedAt: orNull(certificate?.certifiedAtMs),
    finishAfter: orNull(certificate?.finishAfterMs),
    finishedAt: orNull(finishedAtMs),
    error: run?.error ?? null,
  };
}

const toRealIso = (atMs: number): string => toIso(toEpochMs(Math.floor(atMs)));

function sumRows(chunks: readonly { readonly rowCount: number }[]): number {
  return chunks.reduce((sum, { rowCount }) => sum + rowCount, 0);
}
