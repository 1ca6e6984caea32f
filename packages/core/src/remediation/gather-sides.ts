// Decides how the measure of freshness is read as facts.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import { measureFreshness } from "../freshness/measure-freshness.ts";
import type { Ports } from "../ports/ports.ts";
import type { Facts } from "./facts.ts";

type Sides = Pick<Facts, "objectiveMs" | "sides" | "youngestAgeMs" | "worstPartition">;

export async function gatherSides(ports: Ports, group: FeatureGroup): Promise<Sides> {
  const { objectiveMs, sides, youngestAgeMs, worst } = await measureFreshness(ports, group);
  return { objectiveMs, sides, youngestAgeMs, worstPartition: worst?.partition };
}
