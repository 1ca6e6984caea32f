// POST /runs/{id}/resume.

import { resumeRun } from "@steward/core";
import { route } from "../_runtime/api.ts";
import { RequestError } from "../_runtime/api-problem.ts";
import { runAnswer } from "../_runtime/api-schemas.ts";
import { requireRun, toRunAnswer } from "../_runtime/api-views.ts";

export const resumeRunById = route({
  routeKey: "POST /runs/{id}/resume",
  summary: "go on with a run that was interrupted, take up again one that failed or was cancelled",
  answer: runAnswer,
  status: 202,
  problems: [409],
  async run({ ports, id }) {
    const { status } = await requireRun(ports, id);
    if (status === "succeeded" || status === "superseded")
      throw new RequestError("ConflictError", `this run is ${status}: there is nothing to resume`, {
        field: "id",
        rule: "is of a run that has not ended for good",
      });
    const run = await resumeRun(ports, id);
    return { body: await toRunAnswer(ports, run), location: `/runs/${id}`, about: id };
  },
});
