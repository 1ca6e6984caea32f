// GET /openapi.json.

import { z } from "zod";
import { type Answer, type Route, route } from "../_runtime/api.ts";
import { toOpenApi } from "../_runtime/open-api.ts";
import { ROUTES } from "./routes.ts";

export const getOpenApi: Route = route({
  routeKey: "GET /openapi.json",
  summary: "this description; needs no token",
  answer: z.record(z.string(), z.json()),
  isOpen: true,
  async run(): Promise<Answer> {
    return { body: toOpenApi([...ROUTES, getOpenApi]) };
  },
});
