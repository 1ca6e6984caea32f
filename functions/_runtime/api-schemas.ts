// Decides what the requests and answers of the API look like: handlers parse by these schemas, the OpenAPI document is made
// of them, and the client reads answers by them.

import { identifierFault, parseInstant, toIso } from "@steward/core";
import { z } from "zod";

/** Of one request: 1,000 identifiers of the longest kind would not fit into its megabyte either. */
const MAX_IDENTIFIERS = 20_000;
const MAX_INPUTS = 1_000;
const MAX_PACE = 1_000_000;
const MAX_LISTED = 500;
const DEFAULT_LISTED = 50;

const name = z.string().min(1).max(128);
const asOf = z
  .string()
  .max(40)
  .meta({ description: "an instant: 2026-11-25 or 2026-11-25T03:10:00Z" })
  .transform((text, context) => {
    const instant = parseInstant(text);
    if (instant !== undefined) return instant;
    context.addIssue({ code: "custom", message: "is no instant such as 2026-11-25T03:10:00Z" });
    return z.NEVER;
  });
const pace = z.number().int().min(1).max(MAX_PACE).meta({ description: "records a second at most" });

const identifier = z
  .string()
  .min(1)
  .max(2_048)
  .superRefine((text, context) => {
    const fault = identifierFault(text);
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
  });
export const erasureBody = z.strictObject({
  entity: name,
  ids: z
    .array(identifier)
    .min(1)
    .max(MAX_IDENTIFIERS)
    .meta({ description: "record identifiers, in clear; they are kept sealed until the erasure has ended" }),
});
const fileName = z
  .string()
  .min(1)
  .max(4_096)
  .refine((text) => !/\p{Cc}/u.test(text), "holds a control character");
export const refreshBody = z.strictObject({
  group: name,
  asOf: asOf.optional(),
  inputs: z
    .array(fileName)
    .max(MAX_INPUTS)
    .meta({
      description:
        "files for the event table, where the platform reads them; absent: those that were handed in",
    })
    .optional(),
  pace: pace.optional(),
});
export const rebuildBody = z.strictObject({
  group: name,
  target: z.enum(["hot", "online", "both"]).optional(),
  asOf: asOf.optional(),
  pace: pace.optional(),
});

export const replayBody = z.strictObject({
  group: name,
  from: asOf
    .meta({ description: "events that arrived at or after this instant; absent: all that the stream has" })
    .optional(),
});

const RUN_STATES = ["running", "interrupted", "succeeded", "failed", "cancelled", "superseded"] as const;
export const runsQuery = z.strictObject({
  group: name.optional(),
  state: z.enum(RUN_STATES).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_LISTED).default(DEFAULT_LISTED),
});
export const freshnessQuery = z.strictObject({ group: name.optional() });

const count = z.number().int().nonnegative();
const instant = z.iso.datetime({ precision: 3 });
const duration = z.number().nonnegative();

export const runAnswer = z.strictObject({
  runId: z.string(),
  workflow: z.string(),
  group: z.string(),
  state: z.enum(RUN_STATES),
  outcome: z.string().nullable(),
  asOf: instant,
  /** Real time. */
  createdAt: instant,
  endedAt: instant.nullable(),
  attempt: count,
  chunks: z.strictObject({ planned: count, settled: count, failed: count }),
  records: z.strictObject({ planned: count, settled: count }),
  error: z.strictObject({ name: z.string(), message: z.string() }).nullable(),
  report: z.record(z.string(), z.json()).nullable(),
});
export type RunAnswer = z.infer<typeof runAnswer>;
export const runsAnswer = z.strictObject({ runs: z.array(runAnswer) });

/** Dead letters that went back to the queue, and failed runs that go on. */
export const redriveAnswer = z.strictObject({ letters: count, runs: z.array(runAnswer) });

export const progressEvent = z.strictObject({
  state: z.enum(RUN_STATES),
  attempt: count,
  chunks: runAnswer.shape.chunks,
  records: runAnswer.shape.records,
  /** Since the stream began; null: nothing was written in it yet. */
  recordsPerSecond: z.number().nonnegative().nullable(),
  etaMs: duration.nullable(),
});
export type ProgressEvent = z.infer<typeof progressEvent>;

export const erasureAnswer = z.strictObject({
  requestId: z.string(),
  entity: z.string(),
  subjects: count,
  state: z.enum([...RUN_STATES, "certified", "finished"]),
  outcome: z.string().nullable(),
  requestedAt: instant,
  certifiedAt: instant.nullable(),
  finishAfter: instant.nullable(),
  finishedAt: instant.nullable(),
  error: runAnswer.shape.error,
});
export type ErasureAnswer = z.infer<typeof erasureAnswer>;

const files = { name: z.string(), objects: count, versions: count, rows: count };
export const previewAnswer = z.strictObject({
  entity: z.string(),
  subjects: count,
  groups: z.array(z.strictObject({ ...files, online: count, hot: count })),
  sources: z.array(z.strictObject({ ...files, setAsideRows: count })),
  stays: z.array(z.strictObject({ what: z.string(), why: z.string() })),
  finishAfter: instant,
});

export const groupsAnswer = z.strictObject({
  groups: z.array(
    z.strictObject({
      group: z.string(),
      owner: z.string(),
      entity: z.string(),
      path: z.enum(["batch", "stream"]),
      features: z.array(z.string()),
      fingerprint: z.string(),
      schedulePeriodMs: duration.nullable(),
      objectiveMs: duration.nullable(),
      ttlMs: duration.nullable(),
      watermark: instant.nullable(),
    }),
  ),
});

const side = z.strictObject({
  /** Null: it cannot be said, and the reason says why. */
  ageMs: duration.nullable(),
  reason: z.string().nullable(),
  late: z.boolean(),
  sampled: count,
  differences: count,
});
export const freshnessAnswer = z.strictObject({
  groups: z.array(
    z.strictObject({
      group: z.string(),
      objectiveMs: duration.nullable(),
      measuredAt: instant,
      worstPartition: z.string().nullable(),
      youngestAgeMs: duration.nullable(),
      sides: z.strictObject({ offline: side, online: side, hot: side }),
    }),
  ),
});

export const healthAnswer = z.strictObject({ ok: z.literal(true), now: instant });

export const problemAnswer = z.strictObject({
  error: z.strictObject({
    name: z.string(),
    message: z.string(),
    field: z.string().optional(),
    rule: z.string().optional(),
    requestId: z.string(),
  }),
});
export type ProblemAnswer = z.infer<typeof problemAnswer>;

/** Answers of several routes, as the description names them. */
export const NAMED_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  Erasure: erasureAnswer,
  ErasurePreview: previewAnswer,
  Run: runAnswer,
};

/** As answers say instants. */
export const orNull = (atMs: Parameters<typeof toIso>[0] | null | undefined): string | null =>
  atMs === null || atMs === undefined ? null : toIso(atMs);
