// Decides which records of a rebuild the workers write: all of the snapshot.

import { requireHold } from "../ledger/hold.ts";
import { getJson } from "../ledger/json-object.ts";
import type { RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { sendChunks } from "../writing/send-chunks.ts";
import { snapshotDocument, snapshotKey } from "./rebuild-documents.ts";

/** Done twice equals once. */
export async function enqueueRebuildChunks(
  ports: Ports,
  ref: RunRef,
): Promise<{ readonly chunkCount: number }> {
  const { run, group } = await requireHold(ports, ref);
  const { files, rowsPerChunk } = await getJson(ports.objects, snapshotKey(ref), snapshotDocument);
  return sendChunks(ports, run, group.name, files, rowsPerChunk);
}
