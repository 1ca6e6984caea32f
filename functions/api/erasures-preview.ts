// POST /erasures/preview.

import { previewErasure } from "@steward/core";
import { route } from "../_runtime/api.ts";
import { ofField } from "../_runtime/api-problem.ts";
import { erasureBody, previewAnswer } from "../_runtime/api-schemas.ts";

export const previewErasures = route({
  routeKey: "POST /erasures/preview",
  summary: "what an erasure would find; writes nothing",
  body: erasureBody,
  answer: previewAnswer,
  async run({ ports, body: { entity, ids } }) {
    const call = { entity, identifiers: ids };
    return { body: await ofField("entity", "is an entity of a group", () => previewErasure(ports, call)) };
  },
});
