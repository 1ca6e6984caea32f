// Decides how the measure of freshness is read as facts, and what is said where a store does not answer.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import { StewardError } from "../errors/steward-error.ts";
import { listConsumed } from "../freshness/consumed-events.ts";
import { measureFreshness } from "../freshness/measure-freshness.ts";
import { objectiveOf } from "../freshness/objective.ts";
import { sampleRecords } from "../freshness/sample-records.ts";
import type { Target } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { compareRecords } from "../reading/compare-records.ts";
import type { Facts, SideFacts } from "./facts.ts";

type Sides = Pick<Facts, "objectiveMs" | "sides" | "youngestAgeMs" | "worstPartition">;

export async function gatherSides(ports: Ports, group: FeatureGroup): Promise<Sides> {
  try {
    const { objectiveMs, sides, youngestAgeMs, worst } = await measureFreshness(ports, group);
    return { objectiveMs, sides, youngestAgeMs, worstPartition: worst?.partition };
  } catch (error) {
    if (!isAway(error)) throw error;
    return gatherWithoutStores(ports, group);
  }
}

/** One that answers is told from one that does not. */
async function gatherWithoutStores(ports: Ports, group: FeatureGroup): Promise<Sides> {
  const records = await sampleRecords(ports, group, 0);
  const unknown: SideFacts = { ageMs: undefined, differences: 0, reason: "another store does not answer" };
  const sideOf = async (target: Target): Promise<SideFacts> => {
    try {
      await compareRecords(ports, group, records, [target]);
      return unknown;
    } catch (error) {
      if (!isAway(error)) throw error;
      return { ...unknown, isAway: true, reason: "the store does not answer" };
    }
  };
  const [online, hot] = await Promise.all([sideOf("online"), sideOf("hot")]);
  const times = (await listConsumed(ports, group)).map(({ greatestEventTimeMs }) => greatestEventTimeMs);
  return {
    objectiveMs: objectiveOf(group),
    sides: { offline: unknown, online, hot },
    youngestAgeMs: times.length === 0 ? undefined : Math.max(0, ports.clock.now() - Math.max(...times)),
    worstPartition: undefined,
  };
}

const isAway = (error: unknown): boolean => error instanceof StewardError && error.retryable;
