// Decides how old each side of a group is and whether the stores agree with the offline store, by a sample of records.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { FeatureRecord } from "../definitions/value.ts";
import { findPlace } from "../ledger/group-place.ts";
import { TARGETS } from "../ledger/run.ts";
import type { KeyedRecord } from "../ports/hot-store.ts";
import type { Ports } from "../ports/ports.ts";
import { readAll } from "../reading/read-stores.ts";
import { compareKeyed } from "../rebuild/compare-chunk.ts";
import type { Facts } from "./facts.ts";

const SAMPLE_RECORDS = 32;

export async function gatherSides(
  ports: Ports,
  group: FeatureGroup,
  youngestAgeMs: number | undefined,
): Promise<Facts["sides"]> {
  const sample = await readSample(ports, group);
  const compared = await compareKeyed(ports, group, sample, TARGETS);
  const sideOf = (target: (typeof TARGETS)[number]) => {
    const differences = compared.filter((one) => one[target] !== undefined).length;
    return { ageMs: differences === 0 ? youngestAgeMs : undefined, differences };
  };
  return {
    offline: { ageMs: youngestAgeMs, differences: 0 },
    online: sideOf("online"),
    hot: sideOf("hot"),
  };
}

async function readSample(ports: Ports, group: FeatureGroup): Promise<readonly KeyedRecord[]> {
  if ((await findPlace(ports.ledger, group.name)) === undefined) return [];
  const keyed = (record: FeatureRecord): KeyedRecord => ({
    record,
    pseudonym: ports.pseudonymiser.pseudonym(group.entity.name, record.recordId),
  });
  for await (const page of readAll(ports, group, "offline")) return page.slice(0, SAMPLE_RECORDS).map(keyed);
  return [];
}
