// POST /replays.

import { startReplay } from "@steward/core";
import { route } from "../_runtime/api.ts";
import { beginOnce, requireGroup, requirePast } from "../_runtime/api-checks.ts";
import { ofField } from "../_runtime/api-problem.ts";
import { replayBody, runAnswer } from "../_runtime/api-schemas.ts";
import { toRunAnswer } from "../_runtime/api-views.ts";

export const createReplay = route({
  routeKey: "POST /replays",
  summary: "read the stream of a group again",
  body: replayBody,
  answer: runAnswer,
  status: 202,
  problems: [409],
  async run({ ports, body: { group, from: fromMs }, runId }) {
    requireGroup(ports, group);
    requirePast(ports, fromMs, "from");
    const start = () => startReplay(ports, { group, fromMs, runId });
    const run = await ofField("group", "is fed by a stream", () => beginOnce(ports, runId, start));
    return { body: await toRunAnswer(ports, run), location: `/runs/${run.runId}`, about: run.runId };
  },
});
