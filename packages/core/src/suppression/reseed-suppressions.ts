// Decides how a ledger comes to know the evidence: entry by entry, each suppression written down before the next is read.
// A ledger restored from a backup gets back what it lost; one that lost nothing looks at one key.

import { DataRejectedError } from "../errors/steward-error.ts";
import { updateItem } from "../ledger/update-item.ts";
import type { Ledger, LedgerKey } from "../ports/ledger.ts";
import type { Ports } from "../ports/ports.ts";
import {
  type EvidenceEntry,
  type EvidenceKind,
  findEvidence,
  linkFault,
  NO_EVIDENCE,
  type StoredEvidence,
  toSuppressionEvidence,
} from "./evidence-entry.ts";
import { settleSuppressions } from "./suppress-subjects.ts";

/** The last entry of the chain. */
export interface EvidenceHead {
  /** 0: no entry yet. */
  readonly number: number;
  readonly sha256: string;
}

/** Up to which entry this ledger holds what the evidence says. */
const HEAD: LedgerKey = { partition: "evidence", sort: "head" };
const indexKey = ({ kind, requestId }: EvidenceName): LedgerKey => ({
  partition: "evidence",
  sort: `entry#${kind}#${requestId}`,
});

export interface EvidenceName {
  readonly kind: EvidenceKind;
  readonly requestId: string;
}

/**
 * Brings the ledger up to the last entry of the evidence and returns it. To be awaited before anything writes.
 * @throws DataRejectedError when an entry that is new to the ledger cannot be read, or does not follow the one before.
 */
export async function reseedSuppressions(ports: Pick<Ports, "ledger" | "objects">): Promise<EvidenceHead> {
  let head = await findHead(ports.ledger);
  for (;;) {
    const next = await findEvidence(ports.objects, head.number + 1);
    if (next === undefined) return head;
    const fault = linkFault(next, head);
    if (fault !== undefined) throw new DataRejectedError(`the chain of evidence is broken: ${fault}`);
    await seed(ports.ledger, next);
    head = { number: next.entry.number, sha256: next.sha256 };
    await raiseHead(ports.ledger, head);
  }
}

/** The number of the entry of that kind and request, among those that the ledger knows. */
export async function findEvidenceNumber(ledger: Ledger, name: EvidenceName): Promise<number | undefined> {
  const item = await ledger.find(indexKey(name));
  return item === undefined ? undefined : Number(item.body.number);
}

/** Before the head names the entry, so that a kill between the two only makes it be read again. */
async function seed(ledger: Ledger, stored: StoredEvidence): Promise<void> {
  const { entry } = stored;
  if (entry.kind === "suppression") {
    const { entity, subjects, suppressedUntil } = toSuppressionEvidence(stored);
    await settleSuppressions(ledger, entity, entry.requestId, subjects, suppressedUntil);
  }
  await updateItem(ledger, indexKey(entry), (present) =>
    present === undefined ? toIndexBody(entry) : undefined,
  );
}

function toIndexBody({ number, at }: EvidenceEntry): { number: number; at: string } {
  return { number, at };
}

async function findHead(ledger: Ledger): Promise<EvidenceHead> {
  const item = await ledger.find(HEAD);
  return item === undefined
    ? { number: 0, sha256: NO_EVIDENCE }
    : { number: Number(item.body.number), sha256: String(item.body.sha256) };
}

async function raiseHead(ledger: Ledger, { number, sha256 }: EvidenceHead): Promise<void> {
  await updateItem(ledger, HEAD, (present) =>
    present === undefined || Number(present.body.number) < number ? { number, sha256 } : undefined,
  );
}
