// Decides what the steps of a rebuild hand to each other: documents found by run and attempt.

import { z } from "zod";
import type { RunRef } from "../ledger/run.ts";
import type { EpochMs } from "../time/epoch-ms.ts";

const epochMs = z.number().transform((value) => value as EpochMs);

export const planDocument = z.object({
  files: z.array(z.object({ key: z.string(), rowCount: z.number().optional() })),
  suppressions: z.array(z.object({ entity: z.string(), pseudonym: z.string(), untilMs: epochMs.optional() })),
  /** From when a stream is to be read again after the writing; absent: none feeds the group. */
  handOverMs: epochMs.optional(),
});
export type PlanDocument = Readonly<z.infer<typeof planDocument>>;

export const snapshotDocument = z.object({
  files: z.array(
    z.object({
      key: z.string(),
      rowCount: z.number(),
      sizeBytes: z.number(),
      checksums: z.array(z.string()),
    }),
  ),
  recordCount: z.number(),
  valueBytes: z.number(),
  /** What the checksums are taken of, and so what a chunk is, whoever sends it. */
  rowsPerChunk: z.number(),
});
export type SnapshotDocument = Readonly<z.infer<typeof snapshotDocument>>;

const tally = z.object({
  compared: z.number(),
  missing: z.number(),
  stale: z.number(),
  different: z.number(),
});
export type Tally = Readonly<z.infer<typeof tally>>;

export const verifyDocument = z.object({
  /** Chunks below this number are compared. */
  nextChunk: z.number(),
  /** A record counts once, however many stores it differs in. */
  records: tally,
  stores: z.object({ online: tally, hot: tally }),
});
export type VerifyDocument = Readonly<z.infer<typeof verifyDocument>>;

export const stagingPrefix = ({ runId, attempt }: RunRef): string => `staging/${runId}-${attempt}/`;
export const planKey = (run: RunRef): string => `runs/${run.runId}/${run.attempt}/plan.json`;
export const snapshotKey = (run: RunRef): string => `runs/${run.runId}/${run.attempt}/snapshot.json`;
export const verifyKey = (run: RunRef): string => `runs/${run.runId}/${run.attempt}/verify.json`;
