// Decides how the staged records reach the workers: chunks in the ledger first, then a reference to each on the queue.

import { getJson } from "../ledger/json-object.ts";
import type { RunRef } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { type ChunkReference, listChunks, planChunks, saveChunks } from "../writing/chunk.ts";
import { requireHold } from "./hold.ts";
import { computeDocument, computeKey } from "./refresh-documents.ts";

/** Done twice equals once: a chunk that is settled is not sent again, and a second reference finds it settled. */
export async function enqueueChunks(ports: Ports, ref: RunRef): Promise<{ readonly chunkCount: number }> {
  const { group } = await requireHold(ports, ref);
  const computed = await getJson(ports.objects, computeKey(ref), computeDocument);
  await saveChunks(ports.ledger, ref, planChunks(computed.files, ports.settings.chunkRecords));
  const chunks = await listChunks(ports.ledger, ref);
  const references = chunks
    .filter(({ status }) => status === "planned")
    .map(
      ({ number }): ChunkReference => ({
        runId: ref.runId,
        attempt: ref.attempt,
        group: group.name,
        chunk: number,
      }),
    );
  await ports.chunkQueue.send(references.map((reference) => JSON.stringify(reference)));
  return { chunkCount: chunks.length };
}
