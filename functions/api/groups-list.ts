// GET /groups.

import { definitionFingerprint, findWatermark, objectiveOf, scheduleOf } from "@steward/core";
import { route } from "../_runtime/api.ts";
import { groupsAnswer, orNull } from "../_runtime/api-schemas.ts";

export const getGroups = route({
  routeKey: "GET /groups",
  summary: "the feature groups, and the watermark of each",
  answer: groupsAnswer,
  async run({ ports: { definitions, ledger } }) {
    const groups = definitions.list().map(async (group) => ({
      group: group.name,
      owner: group.owner,
      entity: group.entity.name,
      path: group.path,
      features: group.features.map(({ name }) => name),
      fingerprint: definitionFingerprint(group),
      schedulePeriodMs: scheduleOf(group)?.periodMs ?? null,
      objectiveMs: objectiveOf(group) ?? null,
      ttlMs: group.ttlMs ?? null,
      watermark: orNull((await findWatermark(ledger, group.name))?.asOfMs),
    }));
    return { body: { groups: await Promise.all(groups) } };
  },
});
