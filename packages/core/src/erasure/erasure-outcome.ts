// Decides what an erasure says became of its subjects and of each copy, from what its steps noted. Pure.

import type { Pseudonym } from "../ports/pseudonymiser.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import type { CertifiedCopy, SubjectOutcome } from "./certificate.ts";
import { type CopyDocument, type CopyKind, sumUnits } from "./erasure-documents.ts";

export interface SubjectResult {
  readonly pseudonym: Pseudonym;
  readonly outcome: SubjectOutcome;
}

/** Copies that go whole, whoever is in them, or hold references alone: they say nothing of one subject. */
const OF_NOBODY: ReadonlySet<CopyKind> = new Set(["uncommitted appends", "staging", "queue", "dead letters"]);

/**
 * By subject, in the order given: `erased` where anything of it went, else `newer kept` where something dated later is
 * there, else `nothing found`. What a lone subject is named by in a column counts too, for there it can only be this one.
 */
export function subjectResults(
  pseudonyms: readonly Pseudonym[],
  copies: readonly CopyDocument[],
): readonly SubjectResult[] {
  const erased = new Set(copies.flatMap((copy) => copy.erasedSubjects));
  const newer = new Set(copies.flatMap((copy) => copy.newerSubjects));
  const lone = pseudonyms.length === 1 ? pseudonyms[0] : undefined;
  if (lone !== undefined) {
    for (const copy of copies.filter(({ copy }) => !OF_NOBODY.has(copy))) {
      const { going, newerKept } = sumUnits(copy);
      if (going > 0) erased.add(lone);
      if (newerKept > 0) newer.add(lone);
    }
  }
  return pseudonyms.map((pseudonym) => ({
    pseudonym,
    outcome: erased.has(pseudonym) ? "erased" : newer.has(pseudonym) ? "newer kept" : "nothing found",
  }));
}

/** What the certificate says of a copy. */
export interface CopyResult extends CertifiedCopy {
  readonly copy: CopyKind;
}

/** Copies that only time empties, with the date. */
export interface Expiry {
  readonly copy: CopyKind;
  readonly name: string;
  readonly expiresOnMs: EpochMs;
}

/** One line a copy; what expires is added to it, or stands alone. */
export function copyResults(
  copies: readonly CopyDocument[],
  expiries: readonly Expiry[],
): readonly CopyResult[] {
  const results = copies.map((document): CopyResult => {
    const { lookedAt, going: erased, newerKept } = sumUnits(document);
    const { copy, name, logicallyGoneAtMs, physicallyGoneAtMs } = document;
    const expiry = expiries.find((one) => one.copy === copy && one.name === name);
    const found = erased + newerKept;
    const gone = { logicallyGoneAtMs, physicallyGoneAtMs, expiresOnMs: expiry?.expiresOnMs ?? null };
    return { copy, name, lookedAt, found, erased, newerKept, ...gone };
  });
  const alone = expiries.filter(
    (one) => !copies.some(({ copy, name }) => copy === one.copy && name === one.name),
  );
  return [...results, ...alone.map((expiry) => ({ ...NOT_LOOKED_AT, ...expiry }))];
}

const NOT_LOOKED_AT = {
  lookedAt: 0,
  found: 0,
  erased: 0,
  newerKept: 0,
  logicallyGoneAtMs: null,
  physicallyGoneAtMs: null,
} as const;

/** Of the whole request. */
export function overallOutcome(results: readonly SubjectResult[]): "certified" | "nothing found" {
  return results.every(({ outcome }) => outcome === "nothing found") ? "nothing found" : "certified";
}

export function countResults(results: readonly SubjectResult[]): Readonly<Record<SubjectOutcome, number>> {
  const counts = { erased: 0, "nothing found": 0, "newer kept": 0 };
  for (const { outcome } of results) counts[outcome] += 1;
  return counts;
}
