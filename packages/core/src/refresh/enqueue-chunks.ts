// Decides which records of a refresh the workers write: all that were computed.

import { requireHold } from "../ledger/hold.ts";
import { getJson } from "../ledger/json-object.ts";
import type { RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { chunkSizeOf } from "../writing/chunk-size.ts";
import { sendChunks } from "../writing/send-chunks.ts";
import { computeDocument, computeKey } from "./refresh-documents.ts";

/** Done twice equals once. */
export async function enqueueChunks(ports: Ports, ref: RunRef): Promise<{ readonly chunkCount: number }> {
  const { run, group } = await requireHold(ports, ref);
  const { files } = await getJson(ports.objects, computeKey(ref), computeDocument);
  return sendChunks(ports, run, group.name, files, chunkSizeOf(ports.settings, run.unitsPerSecond, group));
}
