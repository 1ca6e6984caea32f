// GET /erasures/{id}.

import { route } from "../_runtime/api.ts";
import { erasureAnswer } from "../_runtime/api-schemas.ts";
import { requireErasure, toErasureAnswer } from "../_runtime/api-views.ts";

export const getErasure = route({
  routeKey: "GET /erasures/{id}",
  summary: "how far an erasure is",
  answer: erasureAnswer,
  async run({ ports, id }) {
    return { body: await toErasureAnswer(ports, await requireErasure(ports, id)), about: id };
  },
});
