// Decides what an entry of the evidence is and where it lies: numbered, naming the hash of the one before, put where
// nothing may be replaced. Holds pseudonyms only. Leaves what an entry says to whoever appends it.

import { z } from "zod";
import { DataRejectedError } from "../errors/steward-error.ts";
import { canonicalBytes, type JsonValue, sha256Hex } from "../ledger/canonical-json.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import { type EpochMs, parseInstant } from "../time/epoch-ms.ts";

export const EVIDENCE_KINDS = ["suppression", "certificate", "finish"] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const evidenceEntry = z.strictObject({
  /** 1 for the first. */
  number: z.number().int().positive(),
  /** SHA-256 of the bytes of the entry before; zeros for the first. */
  previous: hash,
  kind: z.enum(EVIDENCE_KINDS),
  requestId: z.string(),
  /** By the platform's clock, ISO-8601. */
  at: z.string(),
  body: z.custom<JsonValue>(),
});
export type EvidenceEntry = Readonly<z.infer<typeof evidenceEntry>>;

export interface StoredEvidence {
  readonly entry: EvidenceEntry;
  readonly key: string;
  /** Of the entry's bytes: what the next one names. */
  readonly sha256: string;
}

/** What an entry of the kind "suppression" says. */
const suppressionEvidence = z.object({
  entity: z.string(),
  suppressedUntil: z.string().transform((text, context): EpochMs => {
    const instant = parseInstant(text);
    if (instant === undefined) context.addIssue({ code: "custom", message: "not an instant" });
    return instant ?? (0 as EpochMs);
  }),
  subjects: z.array(hash),
});
export type SuppressionEvidence = Readonly<z.infer<typeof suppressionEvidence>>;

export const EVIDENCE_PREFIX = "evidence/";
/** What the first entry names as the one before. */
export const NO_EVIDENCE = "0".repeat(64);

export const evidenceKey = (number: number): string =>
  `${EVIDENCE_PREFIX}${String(number).padStart(9, "0")}.json`;

export function evidenceBytes(entry: EvidenceEntry): Uint8Array {
  return canonicalBytes(entry);
}

/** Undefined: none of that number. @throws DataRejectedError when it cannot be read as an entry. */
export async function findEvidence(
  objects: ObjectStore,
  number: number,
): Promise<StoredEvidence | undefined> {
  const key = evidenceKey(number);
  const found = await objects.find(key);
  if (found === undefined) return undefined;
  const bytes = await objects.get(key, { versionId: found.versionId });
  return { entry: parseEvidence(key, bytes), key, sha256: await sha256Hex(bytes) };
}

/** @throws DataRejectedError when there is none of that number, or it cannot be read. */
export async function getEvidence(objects: ObjectStore, number: number): Promise<StoredEvidence> {
  const found = await findEvidence(objects, number);
  if (found === undefined)
    throw new DataRejectedError(`the evidence ${evidenceKey(number)} is gone: restore it from its bucket`);
  return found;
}

/** What is wrong with the entry as the one after `previous`; undefined: nothing. */
export function linkFault(
  { entry, key }: StoredEvidence,
  previous: { readonly number: number; readonly sha256: string },
): string | undefined {
  if (entry.number !== previous.number + 1)
    return `${key} says that it is entry ${entry.number}, not ${previous.number + 1}`;
  if (entry.previous !== previous.sha256)
    return `${key} does not name the entry before it: one of the two was changed`;
  return undefined;
}

/** @throws DataRejectedError when the body is no suppression. */
export function toSuppressionEvidence({ entry, key }: StoredEvidence): SuppressionEvidence {
  const parsed = suppressionEvidence.safeParse(entry.body);
  if (!parsed.success) throw new DataRejectedError(`the evidence ${key} does not say a suppression`);
  return parsed.data;
}

function parseEvidence(key: string, bytes: Uint8Array): EvidenceEntry {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new DataRejectedError(`the evidence ${key} is not JSON`);
  }
  const parsed = evidenceEntry.safeParse(json);
  if (!parsed.success) throw new DataRejectedError(`the evidence ${key} is not an entry of the chain`);
  return parsed.data;
}
