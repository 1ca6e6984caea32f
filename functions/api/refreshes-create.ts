// POST /refreshes.

import { refreshFromIncoming, startRefresh } from "@steward/core";
import { route } from "../_runtime/api.ts";
import { beginOnce, requireGroup, requirePast } from "../_runtime/api-checks.ts";
import { ofField } from "../_runtime/api-problem.ts";
import { refreshBody, runAnswer } from "../_runtime/api-schemas.ts";
import { toRunAnswer } from "../_runtime/api-views.ts";

export const createRefresh = route({
  routeKey: "POST /refreshes",
  summary: "compute a group's features and write them to the three stores",
  body: refreshBody,
  answer: runAnswer,
  status: 202,
  problems: [409],
  async run({ ports, body, runId }) {
    const { group, asOf: asOfMs, inputs, pace } = body;
    requireGroup(ports, group);
    requirePast(ports, asOfMs);
    const call = { group, asOfMs, runId, ...(pace === undefined ? {} : { unitsPerSecond: pace }) };
    const start = () =>
      inputs === undefined ? refreshFromIncoming(ports, call) : startRefresh(ports, { ...call, inputs });
    const run = await ofField("group", "is refreshed from files", () => beginOnce(ports, runId, start));
    return { body: await toRunAnswer(ports, run), location: `/runs/${run.runId}`, about: run.runId };
  },
});
