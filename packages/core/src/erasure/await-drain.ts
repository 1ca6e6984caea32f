// Decides when nothing from before the suppression can write any more: every computation registered before has ended, and
// the longest life of a worker has passed. One whose lease lapsed, or whose process is dead, is cancelled.

import { entitiesOf } from "../definitions/feature-group.ts";
import { ConflictError } from "../errors/steward-error.ts";
import { endAsOf, listOpenAsOfs, type Registration } from "../ledger/as-of.ts";
import { endCancelled } from "../ledger/end-run.ts";
import { findPlace } from "../ledger/group-place.ts";
import { requireLease } from "../ledger/hold.ts";
import { findJson, putJson } from "../ledger/json-object.ts";
import { isAtWork } from "../ledger/lease.ts";
import { putManifest } from "../ledger/offline-manifest.ts";
import { findRun, type Run, type RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { hideOnline } from "./erase-readable.ts";
import { type DrainDocument, drainDocument, drainKey } from "./erasure-documents.ts";
import { holdErasure, holdSuppressed } from "./erasure-hold.ts";

export interface ErasureDrain {
  readonly drained: boolean;
  /** Computations from before the suppression that are still at work. */
  readonly openCount: number;
}

/** One look after the other in a call; the state machine waits between calls. */
const PATIENCE_MS = 10_000;
const POLL_MS = 100;

/** Polled until `drained`. What workers from before wrote online is hidden as soon as none can live, however long computations go on. */
export async function awaitErasureDrain(
  ports: Ports,
  ref: RunRef,
  patienceMs = PATIENCE_MS,
): Promise<ErasureDrain> {
  const { request, requestId } = await holdErasure(ports, ref);
  const before = await noteRegistrations(ports, request.entity, requestId);
  const untilMs = ports.timer.nowMs() + patienceMs;
  for (let isHidden = false; ; ) {
    const open = await listStillOpen(ports, request.entity, before);
    const isOver = ports.timer.nowMs() >= before.settledAtMs + ports.settings.workerLifeMs;
    if (open.length === 0 && isOver) return { drained: true, openCount: 0 };
    if (isOver && !isHidden) {
      await hideOnline(ports, await holdSuppressed(ports, ref));
      isHidden = true;
    }
    if (ports.timer.nowMs() >= untilMs) return { drained: false, openCount: open.length };
    await ports.timer.sleep(POLL_MS);
    await requireLease(ports, ref);
  }
}

/** Noted once, so that computations that begin while it waits, and see the suppression, are not waited for. */
async function noteRegistrations(ports: Ports, entity: string, requestId: string): Promise<DrainDocument> {
  const registrations = (await listOpenAsOfs(ports.ledger, entity)).map(({ runId, attempt }) => ({
    runId,
    attempt,
  }));
  const wanted: DrainDocument = { settledAtMs: ports.timer.nowMs(), registrations };
  const outcome = await putJson(ports.objects, drainKey(requestId), wanted, "absent");
  if (outcome.kind === "stored") return wanted;
  return (await findJson(ports.objects, drainKey(requestId), drainDocument))?.value ?? wanted;
}

async function listStillOpen(
  ports: Ports,
  entity: string,
  before: DrainDocument,
): Promise<readonly Registration[]> {
  const noted = new Set(before.registrations.map(({ runId, attempt }) => `${runId}#${attempt}`));
  const open: Registration[] = [];
  for (const registration of await listOpenAsOfs(ports.ledger, entity)) {
    if (!noted.has(`${registration.runId}#${registration.attempt}`)) continue;
    if (!(await endWhereDead(ports, entity, registration, before))) open.push(registration);
  }
  return open;
}

/** True when the computation writes no more. */
async function endWhereDead(
  ports: Ports,
  entity: string,
  registration: Registration,
  { settledAtMs }: DrainDocument,
): Promise<boolean> {
  const run = await findRun(ports.ledger, registration.runId);
  if (run !== undefined) return endRunWhereDead(ports, entity, run, registration);
  const { process, expiresAtMs } = registration;
  const isGone = process !== undefined && ports.holders.isGone(process);
  const lastMs = expiresAtMs ?? settledAtMs + ports.settings.leaseMs;
  if (!isGone && ports.timer.nowMs() < lastMs) return false;
  await endAsOf(ports.ledger, entity, registration);
  return true;
}

async function endRunWhereDead(
  ports: Ports,
  entity: string,
  run: Run,
  registration: Registration,
): Promise<boolean> {
  const isPresent = run.status === "running" && run.attempt === registration.attempt;
  if (isPresent && (await isAtWork(ports, run, run.runId))) return false;
  if (isPresent) {
    try {
      await endCancelled(ports, run.runId);
    } catch (error) {
      if (error instanceof ConflictError) return false; // it ended a moment ago: the next look sees how
      throw error;
    }
  }
  const group = ports.definitions.list().find(({ name }) => name === run.group);
  const place = await findPlace(ports.ledger, run.group);
  const ref = { runId: run.runId, attempt: registration.attempt };
  if (place !== undefined)
    await putManifest(ports.objects, place.offlinePrefix, { ...ref, cancelled: true, files: [] });
  const entities = new Set([entity, ...(group === undefined ? [] : entitiesOf(group))]);
  for (const one of entities) await endAsOf(ports.ledger, one, ref);
  return true;
}
