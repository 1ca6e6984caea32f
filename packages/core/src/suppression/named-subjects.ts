// Decides whom a record is about: the subject that it is the record of, and those that its subject columns name. Of both,
// whether a suppression forbids it, and what of them the hot store may hold.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { FeatureRecord, FeatureValue } from "../definitions/value.ts";
import type { SuppressedSubject } from "../ports/batch-engine.ts";
import type { KeyedRecord } from "../ports/hot-store.ts";
import type { Ports } from "../ports/ports.ts";
import type { Pseudonym, Pseudonymiser } from "../ports/pseudonymiser.ts";
import { isSuppressed, readSuppressionsOf } from "./read-suppressions.ts";

/** The record as the hot store holds it: the subjects that it names stand there as pseudonyms. */
export function toHotRecord(
  pseudonymiser: Pseudonymiser,
  group: FeatureGroup,
  record: FeatureRecord,
): FeatureRecord {
  const columns = Object.entries(group.subjectColumns);
  if (columns.length === 0) return record;
  const features: Record<string, FeatureValue> = { ...record.features };
  for (const [entity, column] of columns) {
    const identifier = features[column];
    if (typeof identifier === "string") features[column] = pseudonymiser.pseudonym(entity, identifier);
  }
  return { recordId: record.recordId, eventTimeMs: record.eventTimeMs, features };
}

/** Of each record in order, whether a suppression of a subject that it is about forbids it. */
export async function findSuppressed(
  ports: Pick<Ports, "ledger" | "pseudonymiser">,
  group: FeatureGroup,
  records: readonly KeyedRecord[],
): Promise<readonly boolean[]> {
  const own = await readSuppressionsOf(
    ports.ledger,
    group.entity.name,
    records.map(({ pseudonym }) => pseudonym),
  );
  const found = records.map(({ pseudonym, record }) => isSuppressed(own.get(pseudonym), record.eventTimeMs));
  for (const [entity, column] of Object.entries(group.subjectColumns)) {
    const named = records.map(({ record }) => pseudonymIn(ports.pseudonymiser, entity, record, column));
    const suppressions = await readNamed(ports, entity, named);
    for (const [index, { record }] of records.entries()) {
      const pseudonym = named[index];
      if (pseudonym !== undefined && isSuppressed(suppressions.get(pseudonym), record.eventTimeMs))
        found[index] = true;
    }
  }
  return found;
}

function pseudonymIn(
  pseudonymiser: Pseudonymiser,
  entity: string,
  record: FeatureRecord,
  column: string,
): Pseudonym | undefined {
  const identifier = record.features[column];
  return typeof identifier === "string" ? pseudonymiser.pseudonym(entity, identifier) : undefined;
}

function readNamed(
  { ledger }: Pick<Ports, "ledger">,
  entity: string,
  named: readonly (Pseudonym | undefined)[],
): Promise<ReadonlyMap<Pseudonym, SuppressedSubject>> {
  const pseudonyms = new Set(named.filter((pseudonym) => pseudonym !== undefined));
  return readSuppressionsOf(ledger, entity, [...pseudonyms]);
}
