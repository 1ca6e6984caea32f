// Decides how staged records reach the workers: chunks in the ledger first, then a reference to each on the queue.

import type { RunRef } from "../ledger/run.ts";
import type { StagedFile } from "../ports/batch-engine.ts";
import type { Ports } from "../ports/ports.ts";
import { type ChunkReference, listChunks, planChunks, saveChunks } from "./chunk.ts";

/** Done twice equals once: a chunk that is settled is not sent again, and a second reference finds it settled. */
export async function sendChunks(
  ports: Pick<Ports, "ledger" | "chunkQueue">,
  ref: RunRef,
  group: string,
  files: readonly StagedFile[],
  chunkRecords: number,
): Promise<{ readonly chunkCount: number }> {
  await saveChunks(ports.ledger, ref, planChunks(files, chunkRecords));
  const chunks = await listChunks(ports.ledger, ref);
  const references = chunks
    .filter(({ status }) => status === "planned")
    .map(({ number }): ChunkReference => ({ runId: ref.runId, attempt: ref.attempt, group, chunk: number }));
  await ports.chunkQueue.send(references.map((reference) => JSON.stringify(reference)));
  return { chunkCount: chunks.length };
}
