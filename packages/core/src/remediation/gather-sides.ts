// Decides how old each side of a group is and whether the stores agree with the offline store, by a sample of records.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { FeatureRecord } from "../definitions/value.ts";
import { StewardError } from "../errors/steward-error.ts";
import { findPlace } from "../ledger/group-place.ts";
import type { Target } from "../ledger/run.ts";
import type { KeyedRecord } from "../ports/hot-store.ts";
import type { Ports } from "../ports/ports.ts";
import { readAll } from "../reading/read-stores.ts";
import { compareKeyed } from "../rebuild/compare-chunk.ts";
import type { Facts, SideFacts } from "./facts.ts";

const SAMPLE_RECORDS = 32;

export async function gatherSides(
  ports: Ports,
  group: FeatureGroup,
  youngestAgeMs: number | undefined,
): Promise<Facts["sides"]> {
  const sample = await readSample(ports, group);
  const sideOf = async (target: Target): Promise<SideFacts> => {
    try {
      const compared = await compareKeyed(ports, group, sample, [target]);
      const differences = compared.filter((one) => one[target] !== undefined).length;
      if (differences === 0) return { ageMs: youngestAgeMs, differences };
      return { ageMs: undefined, differences, reason: `${differences} of ${sample.length} records differ` };
    } catch (error) {
      if (!(error instanceof StewardError && error.retryable)) throw error;
      return { ageMs: undefined, differences: 0, isAway: true, reason: "the store does not answer" };
    }
  };
  const [online, hot] = await Promise.all([sideOf("online"), sideOf("hot")]);
  return { offline: { ageMs: youngestAgeMs, differences: 0 }, online, hot };
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
