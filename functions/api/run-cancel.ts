// POST /runs/{id}/cancel.

import { cancelRun } from "@steward/core";
import { route } from "../_runtime/api.ts";
import { RequestError } from "../_runtime/api-problem.ts";
import { runAnswer } from "../_runtime/api-schemas.ts";
import { requireRun, toRunAnswer } from "../_runtime/api-views.ts";

export const cancelRunById = route({
  routeKey: "POST /runs/{id}/cancel",
  summary: "end a run that is at work, or was interrupted",
  answer: runAnswer,
  problems: [409],
  async run({ ports, id }) {
    const { status } = await requireRun(ports, id);
    if (status !== "running")
      throw new RequestError("ConflictError", `this run is ${status}: only a running one can be cancelled`, {
        field: "id",
        rule: "is of a running run",
      });
    await cancelRun(ports, id);
    return { body: await toRunAnswer(ports, await requireRun(ports, id)), about: id };
  },
});
