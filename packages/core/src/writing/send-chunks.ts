// Decides how staged records reach the workers: chunks in the ledger first, then a reference to each on the queue.

import type { Run } from "../ledger/run.ts";
import type { SnapshotFile, StagedFile } from "../ports/batch-engine.ts";
import type { Ports } from "../ports/ports.ts";
import { type ChunkReference, listChunks, planChunks, saveChunks } from "./chunk.ts";

/** Done twice equals once: a chunk that is settled is not sent again, and a second reference finds it settled. */
export async function sendChunks(
  ports: Pick<Ports, "ledger" | "chunkQueue">,
  run: Pick<Run, "runId" | "attempt" | "redrives">,
  group: string,
  files: readonly (StagedFile & Partial<SnapshotFile>)[],
  chunkRecords: number,
): Promise<{ readonly chunkCount: number }> {
  await saveChunks(ports.ledger, run, planChunks(files, chunkRecords));
  const chunks = await listChunks(ports.ledger, run);
  const { runId, attempt, redrives } = run;
  const references = chunks
    .filter(({ status }) => status === "planned")
    .map(({ number }): ChunkReference => ({ runId, attempt, redrives, group, chunk: number }));
  await ports.chunkQueue.send(references.map((reference) => JSON.stringify(reference)));
  return { chunkCount: chunks.length };
}
