// Decides what the batch engine is told: the one job of a rebuild, from the plan, with the result written beside it.
// On AWS this is what the Glue job does; here it runs in process.

import { keepHold, requireHold } from "../ledger/hold.ts";
import { getJson, purgePrefix, putJson } from "../ledger/json-object.ts";
import type { RunRef } from "../ledger/run.ts";
import type { SnapshotScope } from "../ports/batch-engine.ts";
import type { Ports } from "../ports/ports.ts";
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
  const { rowsPerFile, rowsPerRowGroup, chunkRecords } = ports.settings;
  const snapshot = await keepHold(ports, ref, () =>
    ports.batchEngine.snapshot({
      group,
      asOfMs: run.asOfMs,
      ...toScope(plan),
      outputPrefix: stagingPrefix(ref),
      rowsPerFile,
      rowsPerRowGroup,
      rowsPerChunk: chunkRecords,
    }),
  );
  const document: SnapshotDocument = {
    recordCount: snapshot.recordCount,
    valueBytes: snapshot.valueBytes,
    rowsPerChunk: chunkRecords,
    files: snapshot.files.map((file) => ({ ...file, checksums: [...file.checksums] })),
  };
  await putJson(ports.objects, snapshotKey(ref), document);
  return { recordCount: snapshot.recordCount };
}

function toScope(plan: PlanDocument): Pick<SnapshotScope, "files" | "suppressions"> {
  return {
    files: plan.files.map(({ key, rowCount }) => ({ key, rowCount })),
    suppressions: plan.suppressions.map(({ entity, pseudonym, untilMs }) => ({ entity, pseudonym, untilMs })),
  };
}
