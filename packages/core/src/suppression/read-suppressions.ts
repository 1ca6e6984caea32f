// Decides how suppressions are found: by entity and tag, strongly consistent, to the last page. Reading them is the
// second half of the protocol; the first is registerAsOf.

import type { SuppressedSubject } from "../ports/batch-engine.ts";
import type { Fence } from "../ports/hot-store.ts";
import type { Ledger, LedgerBody, LedgerItem } from "../ports/ledger.ts";
import { listTags, type Pseudonym, tagOf } from "../ports/pseudonymiser.ts";
import type { EpochMs } from "../time/epoch-ms.ts";

const PARALLEL_READS = 64;

export const suppressionPartition = (entity: string, tag: string): string => `suppressions#${entity}#${tag}`;

/** All suppressions of an entity. Reads each of the 4,096 partitions. */
export async function readSuppressions(
  ledger: Ledger,
  entity: string,
): Promise<readonly SuppressedSubject[]> {
  return readSuppressionsOfTags(ledger, entity, listTags());
}

/** The suppressions of some tags of an entity. */
export async function readSuppressionsOfTags(
  ledger: Ledger,
  entity: string,
  tags: readonly string[],
): Promise<readonly SuppressedSubject[]> {
  const items = await listItems(ledger, entity, tags);
  return items.map(({ sort, body }) => ({
    entity,
    pseudonym: sort,
    untilMs: isPending(body) ? undefined : writtenUntilMs(body),
  }));
}

/**
 * What the hot store is to fence: the time that was last written down, also where a later request has recorded the subject
 * and not yet written its own. A fence only rises, so there is none for a subject that has no time at all.
 */
export async function readFencesOfTags(
  ledger: Ledger,
  entity: string,
  tags: readonly string[],
): Promise<readonly Fence[]> {
  const items = await listItems(ledger, entity, tags);
  return items.flatMap(({ sort, body }) => {
    const untilMs = writtenUntilMs(body);
    return untilMs === undefined ? [] : [{ pseudonym: sort, untilMs }];
  });
}

async function listItems(
  ledger: Ledger,
  entity: string,
  tags: readonly string[],
): Promise<readonly LedgerItem[]> {
  const found: LedgerItem[] = [];
  for (let start = 0; start < tags.length; start += PARALLEL_READS) {
    const pages = await Promise.all(
      tags.slice(start, start + PARALLEL_READS).map((tag) => ledger.list(suppressionPartition(entity, tag))),
    );
    found.push(...pages.flat());
  }
  return found;
}

/** While a request has recorded the suppression and not written its time, all of the subject is left out. */
const isPending = ({ pending }: LedgerBody): boolean => Array.isArray(pending) && pending.length > 0;

const writtenUntilMs = ({ untilMs }: LedgerBody): EpochMs | undefined =>
  typeof untilMs === "number" ? (untilMs as EpochMs) : undefined;

/** The suppressions that concern these subjects. */
export async function readSuppressionsOf(
  ledger: Ledger,
  entity: string,
  pseudonyms: readonly Pseudonym[],
): Promise<ReadonlyMap<Pseudonym, SuppressedSubject>> {
  const tags = [...new Set(pseudonyms.map(tagOf))];
  const found = await readSuppressionsOfTags(ledger, entity, tags);
  return new Map(found.map((suppression) => [suppression.pseudonym, suppression]));
}

/** Whether something derived from the subject's events and dated so may not be written. */
export function isSuppressed(suppression: SuppressedSubject | undefined, eventTimeMs: EpochMs): boolean {
  return (
    suppression !== undefined && (suppression.untilMs === undefined || eventTimeMs <= suppression.untilMs)
  );
}
