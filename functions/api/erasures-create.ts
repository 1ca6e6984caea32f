// POST /erasures.

import { acceptErasure, getRequest } from "@steward/core";
import { route } from "../_runtime/api.ts";
import { ofField } from "../_runtime/api-problem.ts";
import { erasureAnswer, erasureBody } from "../_runtime/api-schemas.ts";
import { toErasureAnswer } from "../_runtime/api-views.ts";

export const createErasure = route({
  routeKey: "POST /erasures",
  summary: "erase subjects from every copy, with a certificate",
  body: erasureBody,
  answer: erasureAnswer,
  status: 202,
  problems: [409],
  async run({ ports, body, key }) {
    const call = { entity: body.entity, identifiers: body.ids, key };
    const { run } = await ofField("entity", "is an entity of a group", () => acceptErasure(ports, call));
    const answer = await toErasureAnswer(ports, await getRequest(ports.ledger, run.runId));
    return { body: answer, location: `/erasures/${run.runId}`, about: run.runId };
  },
});
