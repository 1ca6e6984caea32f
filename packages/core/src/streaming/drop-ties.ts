// Decides between two events of one record at one instant: the first that was taken in stands, in every store. The stores
// alone would differ: hot and online keep the first, readers of the offline store take the row that came last.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { FeatureRecord, FeatureValue } from "../definitions/value.ts";
import type { Target } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { toHotRecord } from "../suppression/named-subjects.ts";

/**
 * The records without those that come second: after another of the same instant among these, or in the hot store, whose
 * values differ. The same event again is none of them.
 */
export async function dropTies(
  ports: Pick<Ports, "hotStore" | "pseudonymiser">,
  group: FeatureGroup,
  records: readonly FeatureRecord[],
  targets: readonly Target[],
): Promise<readonly FeatureRecord[]> {
  const first = new Map<string, FeatureRecord>();
  for (const record of records) {
    const instant = JSON.stringify([record.recordId, record.eventTimeMs]);
    if (!first.has(instant)) first.set(instant, record);
  }
  const alone = records.filter((record) => {
    const winner = first.get(JSON.stringify([record.recordId, record.eventTimeMs])) ?? record;
    return hasSameValues(group, winner.features, record.features);
  });
  return targets.includes("hot") ? dropKnown(ports, group, alone) : alone;
}

async function dropKnown(
  { hotStore, pseudonymiser }: Pick<Ports, "hotStore" | "pseudonymiser">,
  group: FeatureGroup,
  records: readonly FeatureRecord[],
): Promise<readonly FeatureRecord[]> {
  const pseudonyms = records.map(({ recordId }) => pseudonymiser.pseudonym(group.entity.name, recordId));
  const held = await hotStore.read(group, pseudonyms);
  return records.filter((record, index) => {
    const value = held[index];
    if (value === undefined || value.eventTimeMs !== record.eventTimeMs) return true;
    return hasSameValues(group, value.features, toHotRecord(pseudonymiser, group, record).features);
  });
}

function hasSameValues(
  { features }: FeatureGroup,
  left: Readonly<Record<string, FeatureValue>>,
  right: Readonly<Record<string, FeatureValue>>,
): boolean {
  return features.every(({ name }) => left[name] === right[name]);
}
