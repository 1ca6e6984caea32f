// Decides what the steps of a refresh hand to each other: documents beside the staged files, found by run and attempt.

import { z } from "zod";
import { definitionFingerprint } from "../definitions/definition-fingerprint.ts";
import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { Watermark } from "../ledger/lease.ts";
import type { Run, RunRef } from "../ledger/run.ts";
import type { EpochMs } from "../time/epoch-ms.ts";

const epochMs = z.number().transform((value) => value as EpochMs);
const inspectedFile = { name: z.string(), contentId: z.string(), sizeBytes: z.number() };

export const planDocument = z.object({
  /** Files that the event table does not hold yet. */
  appends: z.array(z.object(inspectedFile)),
  /** The platform's now when the run was planned: the arrival of the files, and the rows' write time. */
  plannedAtMs: epochMs,
  suppressions: z.array(z.object({ entity: z.string(), pseudonym: z.string(), untilMs: epochMs.optional() })),
});
export type PlanDocument = Readonly<z.infer<typeof planDocument>>;

export const appendDocument = z.object({
  files: z.array(
    z.object({
      ...inspectedFile,
      rowCount: z.number(),
      eventCount: z.number(),
      setAsideCount: z.number(),
      suppressedCount: z.number(),
      eventKey: z.string().optional(),
      setAsideKey: z.string().optional(),
      /** Absent of documents before it was kept. */
      maxEventTimeMs: epochMs.optional(),
    }),
  ),
});
export type AppendDocument = Readonly<z.infer<typeof appendDocument>>;

export const computeDocument = z.object({
  files: z.array(z.object({ key: z.string(), rowCount: z.number(), sizeBytes: z.number() })),
  recordCount: z.number(),
  brokenIdentifierCount: z.number(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  statistics: z.array(
    z.object({
      feature: z.string(),
      absentCount: z.number(),
      min: z.number().optional(),
      max: z.number().optional(),
      inexactCount: z.number(),
    }),
  ),
  eventCount: z.number(),
  greatestEventTimeMs: epochMs.optional(),
  partitions: z.array(z.object({ name: z.string(), greatestEventTimeMs: epochMs })).optional(),
  /** Fingerprint of the events that were read. */
  events: z.string(),
});
export type ComputeDocument = Readonly<z.infer<typeof computeDocument>>;

export const stagingPrefix = ({ runId, attempt }: RunRef): string => `staging/${runId}-${attempt}/`;
export const planKey = (run: RunRef): string => `runs/${run.runId}/${run.attempt}/plan.json`;
export const appendKey = (run: RunRef): string => `runs/${run.runId}/${run.attempt}/append.json`;
export const computeKey = (run: RunRef): string => `runs/${run.runId}/${run.attempt}/compute.json`;
/** Event files of an attempt; those that the table's index names stay, the others go with it. */
export const appendPrefix = (source: string, { runId, attempt }: RunRef): string =>
  `events/${source}/data/${runId}-${attempt}/`;

/** What a run's records come of: as-of, definition, events. */
export function toWatermark(run: Run, group: FeatureGroup, computed: ComputeDocument): Watermark {
  return {
    asOfMs: run.asOfMs,
    definition: definitionFingerprint(group),
    events: computed.events,
    runId: run.runId,
    greatestEventTimeMs: computed.greatestEventTimeMs ?? null,
    ...(computed.partitions === undefined ? {} : { partitions: [...computed.partitions] }),
  };
}
