// GET /runs/{id}.

import { route } from "../_runtime/api.ts";
import { runAnswer } from "../_runtime/api-schemas.ts";
import { requireRun, toRunAnswer } from "../_runtime/api-views.ts";

export const getRunById = route({
  routeKey: "GET /runs/{id}",
  summary: "a run, with its report once it has ended",
  answer: runAnswer,
  async run({ ports, id }) {
    return { body: await toRunAnswer(ports, await requireRun(ports, id)), about: id };
  },
});
