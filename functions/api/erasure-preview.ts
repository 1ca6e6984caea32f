// GET /erasures/{id}/preview.

import { openSubjects, previewErasure } from "@steward/core";
import { route } from "../_runtime/api.ts";
import { previewAnswer } from "../_runtime/api-schemas.ts";
import { requireErasure } from "../_runtime/api-views.ts";

export const getErasurePreview = route({
  routeKey: "GET /erasures/{id}/preview",
  summary: "what an erasure still finds; 404 once it has ended and its identifiers are gone",
  answer: previewAnswer,
  async run({ ports, id }) {
    const { entity } = await requireErasure(ports, id);
    const subjects = await openSubjects(ports, id);
    const identifiers = subjects.map(({ identifier }) => identifier);
    return { body: await previewErasure(ports, { entity, identifiers }), about: id };
  },
});
