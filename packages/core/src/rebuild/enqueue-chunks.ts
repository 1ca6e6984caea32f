// Decides which records of a rebuild the workers write: all of the snapshot.

import { requireHold } from "../ledger/hold.ts";
import { getJson } from "../ledger/json-object.ts";
import { type RunRef, targetsOf } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { sendChunks } from "../writing/send-chunks.ts";
import { forecastRebuild } from "./forecast-rebuild.ts";
import { planDocument, planKey, snapshotDocument, snapshotKey } from "./rebuild-documents.ts";
import { refuseOutlasting } from "./refuse-outlasting.ts";

/** Done twice equals once. @throws InvalidInputError when the stream would not keep long enough what arrives meanwhile. */
export async function enqueueRebuildChunks(
  ports: Ports,
  ref: RunRef,
): Promise<{ readonly chunkCount: number }> {
  const { run, group } = await requireHold(ports, ref);
  const snapshot = await getJson(ports.objects, snapshotKey(ref), snapshotDocument);
  const { handOverMs } = await getJson(ports.objects, planKey(ref), planDocument);
  const { files, rowsPerChunk } = snapshot;
  if (handOverMs !== undefined && run.redrives === 0) {
    const targets = targetsOf(run);
    const unitsPerSecond = run.unitsPerSecond ?? undefined;
    const { seconds } = forecastRebuild({ ...snapshot, targets, unitsPerSecond, chunkRecords: rowsPerChunk });
    await refuseOutlasting(ports, group, { targets, asOfMs: run.asOfMs, handOverMs, seconds });
  }
  return sendChunks(ports, run, group.name, files, rowsPerChunk);
}
