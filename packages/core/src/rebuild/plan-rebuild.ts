// Decides what a rebuild is made from: register the as-of, then read the suppressions, then list the offline files.

import { entitiesOf } from "../definitions/feature-group.ts";
import { supersedeAbandoned } from "../ledger/abandoned-runs.ts";
import { registerAsOf } from "../ledger/as-of.ts";
import { getPlace } from "../ledger/group-place.ts";
import { requireHold } from "../ledger/hold.ts";
import { putJson } from "../ledger/json-object.ts";
import { findOfflineFiles } from "../ledger/offline-manifest.ts";
import { type RunRef, targetsOf } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { findHandOver } from "../streaming/hand-over.ts";
import { readSuppressions } from "../suppression/read-suppressions.ts";
import { removeAttempt } from "./fail-run.ts";
import { type PlanDocument, planKey } from "./rebuild-documents.ts";

/** Done twice equals once. What earlier attempts and abandoned rebuilds of the group left goes. */
export async function planRebuild(ports: Ports, ref: RunRef): Promise<{ readonly fileCount: number }> {
  const { run, group } = await requireHold(ports, ref);
  const { offlinePrefix } = await getPlace(ports.ledger, group.name);
  for (const abandoned of await supersedeAbandoned(ports.ledger, run))
    await removeAttempt(ports, group, abandoned);
  if (targetsOf(run).includes("online")) await ports.onlineStore.ensureGroup(group); // the disaster may have taken it
  const suppressions = [];
  for (const entity of entitiesOf(group)) {
    await registerAsOf(ports.ledger, entity, { ...ref, asOfMs: run.asOfMs });
    suppressions.push(...(await readSuppressions(ports.ledger, entity)));
  }
  const handOver =
    group.path === "stream" ? { handOverMs: await findHandOver(ports, group, run.asOfMs) } : {};
  const files = await findOfflineFiles(ports.objects, offlinePrefix);
  const plan: PlanDocument = { files: [...files], suppressions, ...handOver };
  await putJson(ports.objects, planKey(ref), plan);
  return { fileCount: files.length };
}
