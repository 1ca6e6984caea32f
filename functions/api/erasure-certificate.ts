// GET /erasures/{id}/certificate.

import { certificateSchema, findCertificate } from "@steward/core";
import { route } from "../_runtime/api.ts";
import { RequestError } from "../_runtime/api-problem.ts";
import { requireErasure } from "../_runtime/api-views.ts";

export const getErasureCertificate = route({
  routeKey: "GET /erasures/{id}/certificate",
  summary: "the signed certificate; 404 until there is one",
  answer: certificateSchema,
  async run({ ports, id }) {
    await requireErasure(ports, id);
    const certificate = await findCertificate(ports, id);
    if (certificate === undefined)
      throw new RequestError("NotFoundError", "this erasure has no certificate yet: ask again", {
        field: "id",
        rule: "is of an erasure that is certified",
      });
    return { body: certificate, about: id };
  },
});
