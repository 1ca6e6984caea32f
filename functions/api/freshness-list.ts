// GET /freshness.

import { type GroupFreshness, isLate, measureFreshness, type Side, toIso } from "@steward/core";
import { route } from "../_runtime/api.ts";
import { requireGroup } from "../_runtime/api-checks.ts";
import { freshnessAnswer, freshnessQuery } from "../_runtime/api-schemas.ts";

export const getFreshness = route({
  routeKey: "GET /freshness",
  summary: "how old each side of each group is, measured now",
  query: freshnessQuery,
  answer: freshnessAnswer,
  async run({ ports, query: { group: name } }) {
    const named = name === undefined ? ports.definitions.list() : [requireGroup(ports, name)];
    const groups = [];
    for (const group of named) groups.push(toAnswer(await measureFreshness(ports, group)));
    return { body: { groups } };
  },
});

function toAnswer(measured: GroupFreshness) {
  const sideOf = (side: Side) => {
    const { ageMs, reason, sampled, differences } = measured.sides[side];
    return {
      ageMs: ageMs ?? null,
      reason: reason ?? null,
      late: isLate(measured, side),
      sampled,
      differences,
    };
  };
  return {
    group: measured.group,
    objectiveMs: measured.objectiveMs ?? null,
    measuredAt: toIso(measured.measuredAtMs),
    worstPartition: measured.worst?.partition ?? null,
    youngestAgeMs: measured.youngestAgeMs ?? null,
    sides: { offline: sideOf("offline"), online: sideOf("online"), hot: sideOf("hot") },
  };
}
