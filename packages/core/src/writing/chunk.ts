// Decides what a chunk is: a range of rows of one staged file, written by one worker, settled once in the ledger.

import { z } from "zod";
import { ConflictError } from "../errors/steward-error.ts";
import type { RunRef } from "../ledger/run.ts";
import { updateItem } from "../ledger/update-item.ts";
import type { SnapshotFile, StagedFile } from "../ports/batch-engine.ts";
import type { Ledger, LedgerBody, LedgerItem, LedgerKey } from "../ports/ledger.ts";
import { countsSchema, NO_STORE_COUNTS, type StoreCounts } from "./counts.ts";

export const CHUNK_STATUSES = ["planned", "settled", "failed"] as const;
export type ChunkStatus = (typeof CHUNK_STATUSES)[number];

/** A failed chunk may be planned again (a redrive); a settled one is done. */
export const CHUNK_TRANSITIONS: Readonly<Record<ChunkStatus, readonly ChunkStatus[]>> = {
  planned: ["settled", "failed"],
  failed: ["planned", "settled"],
  settled: [],
};

const chunkBody = z.object({
  number: z.number(),
  /** The object that holds the rows, and which of them: [fromRow, fromRow + rowCount). */
  key: z.string(),
  fromRow: z.number(),
  rowCount: z.number(),
  /** Of the rows, as they were staged; absent: none was taken. */
  checksum: z.string().optional(),
  status: z.enum(CHUNK_STATUSES),
  counts: z.object({ overall: countsSchema, online: countsSchema, hot: countsSchema }),
  /** Why it failed: an error's name, never a value; null otherwise. */
  reason: z.string().nullable(),
  /** Deliveries that could not reach a store; absent: none. */
  outages: z.number().optional(),
});
export type Chunk = Readonly<z.infer<typeof chunkBody>>;

/** What a message of the chunk queue says. Pointers only. */
export const chunkReference = z.strictObject({
  runId: z.string(),
  attempt: z.number(),
  /** Of the run when the message was sent: what an earlier delivery left behind says nothing of a redrive. */
  redrives: z.number(),
  group: z.string(),
  chunk: z.number(),
});
export type ChunkReference = Readonly<z.infer<typeof chunkReference>>;

/** Undefined for a message that is no chunk reference: it concerns no run, and may not stop any. */
export function parseChunkReference(body: string): ChunkReference | undefined {
  try {
    return chunkReference.parse(JSON.parse(body));
  } catch {
    return undefined;
  }
}

/** Cuts files into chunks of at most `chunkRecords` rows, in file order; checksums are of as many rows. Worked example: 10 rows by 4 → 4, 4, 2. */
export function planChunks(
  files: readonly (StagedFile & Partial<SnapshotFile>)[],
  chunkRecords: number,
): readonly Chunk[] {
  const chunks: Chunk[] = [];
  for (const { key, rowCount, checksums } of files) {
    for (let fromRow = 0; fromRow < rowCount; fromRow += chunkRecords) {
      const rows = Math.min(chunkRecords, rowCount - fromRow);
      const checksum = checksums?.[fromRow / chunkRecords];
      chunks.push({
        number: chunks.length,
        key,
        fromRow,
        rowCount: rows,
        ...(checksum === undefined ? {} : { checksum }),
        status: "planned",
        counts: NO_STORE_COUNTS,
        reason: null,
      });
    }
  }
  return chunks;
}

/** 100,000 chunks at 5 ms a put take 8 s so, where one by one they would take 8 minutes. */
const PARALLEL_PUTS = 64;

const partition = ({ runId, attempt }: RunRef): string => `chunks#${runId}#${attempt}`;
const chunkKey = (run: RunRef, number: number): LedgerKey => ({
  partition: partition(run),
  sort: String(number).padStart(9, "0"),
});

/** Writes the chunks that are not there yet; those that are stay as they are. */
export async function saveChunks(ledger: Ledger, run: RunRef, chunks: readonly Chunk[]): Promise<void> {
  for (let start = 0; start < chunks.length; start += PARALLEL_PUTS) {
    const some = chunks.slice(start, start + PARALLEL_PUTS);
    await Promise.all(some.map((chunk) => ledger.put(chunkKey(run, chunk.number), toBody(chunk), "absent")));
  }
}

export async function findChunk(ledger: Ledger, run: RunRef, number: number): Promise<Chunk | undefined> {
  const item = await ledger.find(chunkKey(run, number));
  return item === undefined ? undefined : fromItem(item);
}

/** By number. */
export async function listChunks(ledger: Ledger, run: RunRef): Promise<readonly Chunk[]> {
  return (await ledger.list(partition(run))).map(fromItem);
}

/** Settles or fails a chunk, or plans it again. A settled chunk stays as it is, so that a second delivery counts once. */
export async function updateChunk(
  ledger: Ledger,
  run: RunRef,
  number: number,
  change: Pick<Chunk, "status" | "counts" | "reason">,
): Promise<void> {
  await updateItem(ledger, chunkKey(run, number), (present) => {
    if (present === undefined)
      throw new ConflictError(`chunk ${number} of run ${run.runId} is not in the ledger`);
    const before = fromItem(present);
    if (before.status === "settled" || (before.status === change.status && change.status === "planned"))
      return undefined;
    if (before.status !== change.status && !CHUNK_TRANSITIONS[before.status].includes(change.status))
      return undefined;
    return toBody({ ...before, ...change });
  });
}

/** Counts a delivery of an open chunk that could not reach a store. */
export async function noteOutage(ledger: Ledger, run: RunRef, number: number): Promise<void> {
  await updateItem(ledger, chunkKey(run, number), (present) => {
    if (present === undefined) return undefined;
    const chunk = fromItem(present);
    return chunk.status === "planned" ? toBody({ ...chunk, outages: (chunk.outages ?? 0) + 1 }) : undefined;
  });
}

export function sumChunks(
  chunks: readonly Chunk[],
  add: (left: StoreCounts, right: StoreCounts) => StoreCounts,
): StoreCounts {
  return chunks.reduce((total, chunk) => add(total, chunk.counts), NO_STORE_COUNTS);
}

const toBody = (chunk: Chunk): LedgerBody => chunk as unknown as LedgerBody; // JSON by its schema
const fromItem = (item: LedgerItem): Chunk => chunkBody.parse(item.body);
