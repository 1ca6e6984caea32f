// GET /runs/{id}/events.

import { z } from "zod";
import { route } from "../_runtime/api.ts";
import { runEvents } from "../_runtime/api-run-events.ts";
import { requireRun } from "../_runtime/api-views.ts";

export const getRunEvents = route({
  routeKey: "GET /runs/{id}/events",
  summary:
    "how a run advances, until it ends: events `progress` (counts, rate, what is left) and `end` (the run)",
  answer: z.string(),
  contentType: "text/event-stream",
  async run({ ports, id }) {
    await requireRun(ports, id);
    return { body: runEvents(ports, id), about: id };
  },
});
