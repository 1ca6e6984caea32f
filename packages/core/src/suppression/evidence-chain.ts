// Decides how evidence grows and how it is checked: entry n+1 is put only where there is none, and whoever comes second
// reads the winner and links again, so that the chain never forks.

import { ConflictError, StewardError } from "../errors/steward-error.ts";
import type { JsonValue } from "../ledger/canonical-json.ts";
import { sha256Hex } from "../ledger/canonical-json.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import type { Ports } from "../ports/ports.ts";
import type { Pseudonym } from "../ports/pseudonymiser.ts";
import { type EpochMs, toIso } from "../time/epoch-ms.ts";
import {
  EVIDENCE_PREFIX,
  type EvidenceEntry,
  evidenceBytes,
  evidenceKey,
  findEvidence,
  getEvidence,
  linkFault,
  NO_EVIDENCE,
  type StoredEvidence,
} from "./evidence-entry.ts";
import { type EvidenceName, findEvidenceNumber, reseedSuppressions } from "./reseed-suppressions.ts";
import { recordSuppressions, settleSuppressions, takeSuppressionTime } from "./suppress-subjects.ts";

/** Where an entry stands, for a body that must say so. */
export type EvidencePlace = Pick<EvidenceEntry, "number" | "previous" | "at">;

export interface NewEvidence extends EvidenceName {
  /** Asked again, with another place, when another entry came first. */
  readonly body: (place: EvidencePlace) => JsonValue | Promise<JsonValue>;
}

export type EvidencePorts = Pick<Ports, "clock" | "ledger" | "objects">;

const MAX_TRIES = 100;

/**
 * Appends an entry, one a kind and request: the same again, also by another process at once, gives the entry that is
 * there. @throws ConflictError when others came first 100 times in a row, DataRejectedError when the chain is broken.
 */
export async function appendEvidence(ports: EvidencePorts, wanted: NewEvidence): Promise<StoredEvidence> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const head = await reseedSuppressions(ports);
    const present = await findEvidenceNumber(ports.ledger, wanted);
    if (present !== undefined) return getEvidence(ports.objects, present);
    // A ledger that knows more than the chain holds: the evidence was lost, and a gap would hide it.
    if (head.number > 0) await getEvidence(ports.objects, head.number);
    const place = { number: head.number + 1, previous: head.sha256, at: toIso(ports.clock.now()) };
    const { kind, requestId } = wanted;
    const entry: EvidenceEntry = { ...place, kind, requestId, body: await wanted.body(place) };
    const bytes = evidenceBytes(entry);
    const key = evidenceKey(entry.number);
    const outcome = await ports.objects.put(key, bytes, "absent");
    if (outcome.kind === "conflict") continue;
    await reseedSuppressions(ports);
    return { entry, key, sha256: await sha256Hex(bytes) };
  }
  throw new ConflictError(`others appended to the evidence ${MAX_TRIES} times in a row`);
}

/** The entry of that kind and request; undefined: none yet. */
export async function findEvidenceOf(
  ports: Pick<Ports, "ledger" | "objects">,
  name: EvidenceName,
): Promise<StoredEvidence | undefined> {
  await reseedSuppressions(ports);
  const number = await findEvidenceNumber(ports.ledger, name);
  return number === undefined ? undefined : getEvidence(ports.objects, number);
}

/**
 * Suppresses the subjects from T on, and returns T: recorded, timed, written down, and copied to the evidence, in that
 * order. Done again, by whoever, it gives the same T. To be awaited before the first deletion.
 */
export async function suppressSubjects(
  ports: EvidencePorts,
  entity: string,
  requestId: string,
  pseudonyms: readonly Pseudonym[],
): Promise<EpochMs> {
  await recordSuppressions(ports.ledger, entity, requestId, pseudonyms);
  const untilMs = await takeSuppressionTime(ports, entity, requestId);
  await settleSuppressions(ports.ledger, entity, requestId, pseudonyms, untilMs);
  await appendEvidence(ports, {
    kind: "suppression",
    requestId,
    body: () => ({ entity, suppressedUntil: toIso(untilMs), subjects: [...pseudonyms].sort() }),
  });
  return untilMs;
}

/** All entries, first to last. @throws DataRejectedError at one that cannot be read. */
export async function* readEvidence(objects: ObjectStore): AsyncIterable<StoredEvidence> {
  for (let number = 1; ; number += 1) {
    const found = await findEvidence(objects, number);
    if (found === undefined) return;
    yield found;
  }
}

export interface ChainCheck {
  readonly entries: number;
  /** What is wrong, a sentence; undefined: nothing. */
  readonly fault: string | undefined;
}

/** Whether every entry is there, readable, and names the one before it. Reads all of them. */
export async function checkChain(objects: ObjectStore): Promise<ChainCheck> {
  let head = { number: 0, sha256: NO_EVIDENCE };
  try {
    for await (const stored of readEvidence(objects)) {
      const fault = linkFault(stored, head);
      if (fault !== undefined) return { entries: head.number, fault };
      head = { number: stored.entry.number, sha256: stored.sha256 };
    }
  } catch (error) {
    if (!(error instanceof StewardError) || error.retryable) throw error;
    return { entries: head.number, fault: error.message };
  }
  const beyond = (await objects.list(EVIDENCE_PREFIX)).find(({ key }) => key > evidenceKey(head.number));
  return {
    entries: head.number,
    fault:
      beyond === undefined ? undefined : `${evidenceKey(head.number + 1)} is missing before ${beyond.key}`,
  };
}
