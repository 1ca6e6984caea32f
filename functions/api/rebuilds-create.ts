// POST /rebuilds.

import { startRebuild } from "@steward/core";
import { route } from "../_runtime/api.ts";
import { beginOnce, requireGroup, requirePast } from "../_runtime/api-checks.ts";
import { ofField } from "../_runtime/api-problem.ts";
import { rebuildBody, runAnswer } from "../_runtime/api-schemas.ts";
import { toRunAnswer } from "../_runtime/api-views.ts";

export const createRebuild = route({
  routeKey: "POST /rebuilds",
  summary: "bring a group's online and hot store back from the offline store",
  body: rebuildBody,
  answer: runAnswer,
  status: 202,
  problems: [409],
  async run({ ports, body, runId }) {
    const { group, target = "both", asOf: asOfMs, pace: unitsPerSecond } = body;
    requireGroup(ports, group);
    requirePast(ports, asOfMs);
    const targets = target === "both" ? undefined : [target];
    const start = () => startRebuild(ports, { group, asOfMs, targets, unitsPerSecond, runId });
    const run = await ofField("group", "has offline records", () => beginOnce(ports, runId, start));
    return { body: await toRunAnswer(ports, run), location: `/runs/${run.runId}`, about: run.runId };
  },
});
