// POST /redrives.

import { redriveChunks } from "@steward/core";
import { route } from "../_runtime/api.ts";
import { redriveAnswer } from "../_runtime/api-schemas.ts";
import { toRunAnswer } from "../_runtime/api-views.ts";

export const createRedrive = route({
  routeKey: "POST /redrives",
  summary: "write the chunks again that were given up, and go on with their runs",
  answer: redriveAnswer,
  problems: [409],
  async run({ ports }) {
    const { letters, runs } = await redriveChunks(ports);
    return { body: { letters, runs: await Promise.all(runs.map((run) => toRunAnswer(ports, run))) } };
  },
});
