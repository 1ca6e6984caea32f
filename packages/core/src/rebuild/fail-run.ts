// Decides how a rebuild ends badly: nothing half done. Staging goes, unless its failed chunks wait for a redrive; what was
// written stays, for each record of it is as it should be.

import { entitiesOf, type FeatureGroup } from "../definitions/feature-group.ts";
import type { DifferencesFoundError, WriteFailedError } from "../errors/steward-error.ts";
import { endAsOf } from "../ledger/as-of.ts";
import { endBadly, endCancelled, type Failure, saveReport } from "../ledger/end-run.ts";
import { purgePrefix } from "../ledger/json-object.ts";
import { getRun, type RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { stagingPrefix } from "./rebuild-documents.ts";
import { type RebuildReport, reportRebuild } from "./rebuild-report.ts";

const WAITS_FOR_REDRIVE: WriteFailedError["name"] = "WriteFailedError";
const DIFFERS: DifferencesFoundError["name"] = "DifferencesFoundError";

/** Done twice equals once. A run that is not running any more (cancelled, superseded) keeps its status. */
export async function failRebuild(ports: Ports, ref: RunRef, failure: Failure): Promise<RebuildReport> {
  const run = await getRun(ports.ledger, ref.runId);
  const group = ports.definitions.get(run.group);
  if (failure.name === WAITS_FOR_REDRIVE) await endRegistrations(ports, group, ref);
  else await removeAttempt(ports, group, ref);
  const outcome = failure.name === DIFFERS ? "different" : "failed";
  const report = await reportRebuild(ports, run, ref, outcome);
  await endBadly(ports, run, ref, { outcome, failure, report });
  return report;
}

/** Takes the run's lease, so that nothing it still tries goes on, and ends it as cancelled. */
export async function cancelRebuild(ports: Ports, runId: string): Promise<RebuildReport> {
  const run = await endCancelled(ports, runId);
  const ref = { runId, attempt: run.attempt };
  await removeAttempt(ports, ports.definitions.get(run.group), ref);
  const report = await reportRebuild(ports, run, ref, "cancelled");
  await saveReport(ports, runId, report);
  return report;
}

/** Removes what an attempt staged, and says that it writes no more. */
export async function removeAttempt(
  ports: Pick<Ports, "ledger" | "objects">,
  group: FeatureGroup,
  ref: RunRef,
): Promise<void> {
  await purgePrefix(ports.objects, stagingPrefix(ref));
  await endRegistrations(ports, group, ref);
}

async function endRegistrations(
  ports: Pick<Ports, "ledger">,
  group: FeatureGroup,
  ref: RunRef,
): Promise<void> {
  for (const entity of entitiesOf(group)) await endAsOf(ports.ledger, entity, ref);
}
