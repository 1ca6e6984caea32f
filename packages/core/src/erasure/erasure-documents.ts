// Decides what the steps of an erasure note for each other and for the certificate: what was found in each copy before it
// went, and when. Kept by request, so that neither a retry nor a new attempt forgets what an earlier one erased.

import { z } from "zod";
import { ConflictError } from "../errors/steward-error.ts";
import { findJson, putJson } from "../ledger/json-object.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import type { Pseudonym } from "../ports/pseudonymiser.ts";
import type { EpochMs } from "../time/epoch-ms.ts";

const epochMs = z.number().transform((value) => value as EpochMs);

/** The copies that an erasure looks at, in the order in which a certificate lists them. */
export const COPIES = [
  "online",
  "hot",
  "offline",
  "event table",
  "set-aside rows",
  "uncommitted appends",
  "staging",
  "queue",
  "dead letters",
  "stream",
  "offline buffer",
] as const;
export type CopyKind = (typeof COPIES)[number];

const tally = z.object({
  /** What was looked at: records, objects, or versions of them. */
  lookedAt: z.number(),
  /** Of the subjects and dated at or before T, so that they go. */
  going: z.number(),
  /** Of the subjects and dated later, so that they stay. */
  newerKept: z.number(),
});
export type Tally = Readonly<z.infer<typeof tally>>;

const copyDocument = z.object({
  copy: z.enum(COPIES),
  name: z.string(),
  /** By unit: a group, or an object with its versions. A unit looked at again keeps the most that was ever found in it. */
  units: z.record(z.string(), tally),
  /** Subjects of which something went, and of which something newer stays; pseudonyms. */
  erasedSubjects: z.array(z.string()),
  newerSubjects: z.array(z.string()),
  logicallyGoneAtMs: epochMs.nullable(),
  physicallyGoneAtMs: epochMs.nullable(),
});
export type CopyDocument = Readonly<z.infer<typeof copyDocument>>;

export interface CopyPlace {
  readonly copy: CopyKind;
  /** Of the group or source; names a file as well. */
  readonly name: string;
}

export interface Findings {
  readonly units: Readonly<Record<string, Tally>>;
  readonly erasedSubjects?: readonly Pseudonym[];
  readonly newerSubjects?: readonly Pseudonym[];
  readonly logicallyGoneAtMs?: EpochMs;
  readonly physicallyGoneAtMs?: EpochMs;
}

const MAX_TRIES = 50;

const prefix = (requestId: string): string => `erasures/${requestId}/`;
const copyKey = (requestId: string, { copy, name }: CopyPlace): string =>
  `${prefix(requestId)}copies/${copy.replaceAll(" ", "-")}/${name}.json`;

/** Notes what units of a copy hold, before anything of it goes, or when it went. */
export async function noteFindings(
  objects: ObjectStore,
  requestId: string,
  place: CopyPlace,
  found: Findings,
): Promise<void> {
  const key = copyKey(requestId, place);
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const before = await findJson(objects, key, copyDocument);
    const document = merge(before?.value, place, found);
    const condition = before === undefined ? "absent" : { etag: before.etag };
    if ((await putJson(objects, key, document, condition)).kind === "stored") return;
  }
  throw new ConflictError(`what was found in ${place.copy} was noted by others ${MAX_TRIES} times in a row`);
}

function merge(before: CopyDocument | undefined, place: CopyPlace, found: Findings): CopyDocument {
  const units: Record<string, Tally> = { ...before?.units };
  for (const [unit, counted] of Object.entries(found.units)) units[unit] = most(units[unit], counted);
  return {
    ...place,
    units,
    erasedSubjects: union(before?.erasedSubjects, found.erasedSubjects),
    newerSubjects: union(before?.newerSubjects, found.newerSubjects),
    logicallyGoneAtMs: before?.logicallyGoneAtMs ?? found.logicallyGoneAtMs ?? null,
    physicallyGoneAtMs: found.physicallyGoneAtMs ?? before?.physicallyGoneAtMs ?? null,
  };
}

/** Everything noted so far, in the order of COPIES, then by name. */
export async function readFindings(
  objects: ObjectStore,
  requestId: string,
): Promise<readonly CopyDocument[]> {
  const documents: CopyDocument[] = [];
  for (const { key } of await objects.list(`${prefix(requestId)}copies/`)) {
    const found = await findJson(objects, key, copyDocument);
    if (found !== undefined) documents.push(found.value);
  }
  return documents.sort((left, right) => COPIES.indexOf(left.copy) - COPIES.indexOf(right.copy));
}

function most(before: Tally | undefined, now: Tally): Tally {
  if (before === undefined) return now;
  return {
    lookedAt: Math.max(before.lookedAt, now.lookedAt),
    going: Math.max(before.going, now.going),
    newerKept: Math.max(before.newerKept, now.newerKept),
  };
}

const union = (left: readonly string[] = [], right: readonly string[] = []): string[] => [
  ...new Set([...left, ...right]),
];

const NOTHING: Tally = { lookedAt: 0, going: 0, newerKept: 0 };

/** What was looked at and found in a copy, over its units. */
export function sumUnits({ units }: Pick<CopyDocument, "units">): Tally {
  return Object.values(units).reduce(
    (sum, unit) => ({
      lookedAt: sum.lookedAt + unit.lookedAt,
      going: sum.going + unit.going,
      newerKept: sum.newerKept + unit.newerKept,
    }),
    NOTHING,
  );
}

export const drainDocument = z.object({
  /** Real time at which the suppressions had their T: workers are waited for from then on. */
  settledAtMs: z.number(),
  /** Computations registered before. */
  registrations: z.array(z.object({ runId: z.string(), attempt: z.number() })),
});
export type DrainDocument = Readonly<z.infer<typeof drainDocument>>;
export const drainKey = (requestId: string): string => `${prefix(requestId)}drain.json`;

export const suppressionDocument = z.object({ untilMs: epochMs, suppressedAtMs: epochMs });
export type SuppressionDocument = Readonly<z.infer<typeof suppressionDocument>>;
export const suppressionKey = (requestId: string): string => `${prefix(requestId)}suppression.json`;

export const scanDocument = z.object({
  rounds: z.number(),
  objects: z.number(),
  versions: z.number(),
  found: z.number(),
});
export type ScanDocument = Readonly<z.infer<typeof scanDocument>>;
/** One a run, so that the finish has its own. */
export const scanKey = (requestId: string, runId: string): string => `${prefix(requestId)}scan-${runId}.json`;

export const bufferDocument = z.object({
  /** Real time at which the last writer from before the suppression was gone. */
  drainedAtMs: z.number(),
});
export const bufferKey = (requestId: string): string => `${prefix(requestId)}offline-buffer.json`;
