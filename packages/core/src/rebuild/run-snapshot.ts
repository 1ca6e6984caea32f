// Decides what the batch engine is told: the one job of a rebuild, from the plan, with the result written beside it.
// On AWS this is what the Glue job does; here it runs in process.

import { againIfRewritten } from "../ledger/again-if-rewritten.ts";
import { getPlace } from "../ledger/group-place.ts";
import { keepHold, requireHold } from "../ledger/hold.ts";
import { getJson, purgePrefix, putJson } from "../ledger/json-object.ts";
import { findOfflineFiles } from "../ledger/offline-manifest.ts";
import type { RunRef } from "../ledger/run.ts";
import type { OfflineFile, SuppressedSubject } from "../ports/batch-engine.ts";
import type { Ports } from "../ports/ports.ts";
import { chunkSizeOf } from "../writing/chunk-size.ts";
import {
  type PlanDocument,
  planDocument,
  planKey,
  type SnapshotDocument,
  snapshotKey,
  stagingPrefix,
} from "./rebuild-documents.ts";

/** Stages the latest live record of each identifier as of the run's as-of. */
export async function snapshotOffline(ports: Ports, ref: RunRef): Promise<{ readonly recordCount: number }> {
  const { run, group } = await requireHold(ports, ref);
  const plan = await getJson(ports.objects, planKey(ref), planDocument);
  await purgePrefix(ports.objects, stagingPrefix(ref));
  const { rowsPerFile, rowsPerRowGroup } = ports.settings;
  const rowsPerChunk = chunkSizeOf(ports.settings, run.unitsPerSecond, group);
  const { offlinePrefix } = await getPlace(ports.ledger, group.name);
  const keys = plan.files.map(({ key }) => key);
  const takeSnapshot = async () =>
    ports.batchEngine.snapshot({
      group,
      asOfMs: run.asOfMs,
      files: await filesOfPlan(ports, offlinePrefix, new Set(keys)),
      suppressions: toSuppressions(plan),
      outputPrefix: stagingPrefix(ref),
      rowsPerFile,
      rowsPerRowGroup,
      rowsPerChunk,
    });
  const snapshot = await keepHold(ports, ref, () => againIfRewritten(ports.objects, keys, takeSnapshot));
  const document: SnapshotDocument = {
    recordCount: snapshot.recordCount,
    valueBytes: snapshot.valueBytes,
    rowsPerChunk,
    files: snapshot.files.map((file) => ({ ...file, checksums: [...file.checksums] })),
  };
  await putJson(ports.objects, snapshotKey(ref), document);
  return { recordCount: snapshot.recordCount };
}

/** The planned files as their manifests have them now: an erasure may have written them again since. */
async function filesOfPlan(
  { objects }: Pick<Ports, "objects">,
  offlinePrefix: string,
  planned: ReadonlySet<string>,
): Promise<readonly OfflineFile[]> {
  return (await findOfflineFiles(objects, offlinePrefix)).filter(({ key }) => planned.has(key));
}

function toSuppressions({ suppressions }: PlanDocument): readonly SuppressedSubject[] {
  return suppressions.map(({ entity, pseudonym, untilMs }) => ({ entity, pseudonym, untilMs }));
}
