// GET /health.

import { toIso } from "@steward/core";
import { route } from "../_runtime/api.ts";
import { healthAnswer } from "../_runtime/api-schemas.ts";

export const getHealth = route({
  routeKey: "GET /health",
  summary: "whether the API answers, and the platform's time; needs no token",
  answer: healthAnswer,
  isOpen: true,
  async run({ ports }) {
    return { body: { ok: true, now: toIso(ports.clock.now()) } };
  },
});
