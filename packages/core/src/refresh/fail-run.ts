// Decides how a refresh ends badly: nothing half done. Before the manifest, every trace of the attempt goes; after it,
// what was written stays and the chunks that failed wait for a redrive.

import { entitiesOf } from "../definitions/feature-group.ts";
import { NotFoundError } from "../errors/steward-error.ts";
import { endAsOf } from "../ledger/as-of.ts";
import { endBadly, endCancelled, type Failure, saveReport } from "../ledger/end-run.ts";
import { getPlace } from "../ledger/group-place.ts";
import { findJson } from "../ledger/json-object.ts";
import { putManifest } from "../ledger/offline-manifest.ts";
import { getRun, type Run, type RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { removeAttempt } from "./abandoned-attempts.ts";
import { planDocument, planKey } from "./refresh-documents.ts";
import { type RefreshReport, reportRefresh } from "./refresh-report.ts";

/** Done twice equals once. A run that is not running any more (cancelled, superseded) keeps its status. */
export async function failRefresh(ports: Ports, ref: RunRef, failure: Failure): Promise<RefreshReport> {
  const run = await getRun(ports.ledger, ref.runId);
  const published = await cleanUp(ports, run, ref);
  const report = await reportRefresh(ports, run, ref, "failed", published);
  await endBadly(ports, run, ref, { outcome: "failed", failure, report });
  return report;
}

/** Takes the run's lease and its manifest key, so that nothing it still tries can be read, and ends it as cancelled. */
export async function cancelRefresh(ports: Ports, runId: string): Promise<RefreshReport> {
  const run = await endCancelled(ports, runId);
  const place = await findPlace(ports, run);
  const ref = { runId, attempt: run.attempt };
  if (place !== undefined) await putManifest(ports.objects, place, { ...ref, cancelled: true, files: [] });
  const published = await cleanUp(ports, run, ref);
  const report = await reportRefresh(ports, run, ref, "cancelled", published);
  await saveReport(ports, runId, report);
  return report;
}

/** True when the attempt's offline files are published, and so stay; else it takes the manifest key, so that they never are. */
async function cleanUp(ports: Ports, run: Run, ref: RunRef): Promise<boolean> {
  const group = ports.definitions.get(run.group);
  const prefix = await findPlace(ports, run);
  const isPlanned = (await findJson(ports.objects, planKey(ref), planDocument)) !== undefined;
  const isPublished =
    prefix !== undefined &&
    isPlanned &&
    !(await putManifest(ports.objects, prefix, { ...ref, cancelled: true, files: [] })).cancelled;
  if (prefix === undefined || !isPlanned || isPublished) {
    // Also of a plan that broke off after it had registered its as-of.
    for (const entity of entitiesOf(group)) await endAsOf(ports.ledger, entity, ref);
    return isPublished;
  }
  await removeAttempt(ports, group, prefix, { ...run, ...ref });
  return false;
}

async function findPlace(ports: Ports, run: Run): Promise<string | undefined> {
  try {
    return (await getPlace(ports.ledger, run.group)).offlinePrefix;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
