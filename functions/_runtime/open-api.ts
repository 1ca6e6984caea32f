// Decides how the API is described to others: OpenAPI 3.1, made of the schemas that handlers parse by.

import { z } from "zod";
import type { Route } from "./api.ts";
import { PROBLEMS } from "./api-problem.ts";
import { NAMED_SCHEMAS, problemAnswer } from "./api-schemas.ts";

type Json = z.infer<ReturnType<typeof z.json>>;
type JsonObject = Record<string, Json>;

const VERSION = "1.0.0";
const NAMES_OF_STATUS = new Map<number, string>(
  Object.entries(PROBLEMS).map(([name, status]) => [status, name]),
);

export function toOpenApi(routes: readonly Route[]): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const { definition } of routes) {
    const [method = "", path = ""] = definition.routeKey.split(" ");
    paths[path] = { ...paths[path], [method.toLowerCase()]: toOperation(definition) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Steward",
      version: VERSION,
      description: "Keeps a machine-learning feature store fresh, rebuildable and forgettable.",
    },
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: Object.fromEntries(
        Object.entries({ ...NAMED_SCHEMAS, Problem: problemAnswer }).map(([name, schema]) => [
          name,
          toSchema(schema, "output"),
        ]),
      ),
    },
  };
}

function toOperation(definition: Route["definition"]): JsonObject {
  const { routeKey, summary, body, status = 200, contentType = "application/json", answer } = definition;
  return {
    operationId: toOperationId(routeKey),
    summary,
    ...(definition.isOpen === true ? { security: [] } : {}),
    parameters: toParameters(definition),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { "application/json": { schema: toSchema(body, "input") } },
          },
        }),
    responses: {
      [status]: { description: summary, content: { [contentType]: { schema: toReference(answer) } } },
      ...Object.fromEntries(statusesOf(definition).map((code) => [code, toProblemResponse(code)])),
    },
  };
}

function toParameters({ routeKey, query }: Route["definition"]): JsonObject[] {
  const inPath = [...routeKey.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const key = {
    name: "Idempotency-Key",
    in: "header",
    schema: { type: "string", minLength: 1, maxLength: 256 },
  };
  const { properties = {} } = query === undefined ? {} : toSchema(query, "input");
  const inQuery = Object.entries(properties as JsonObject).map(([name, schema]) => ({
    name,
    in: "query",
    schema,
  }));
  return [...inPath, ...inQuery, ...(routeKey.startsWith("POST ") ? [key] : [])];
}

/** What may come of any request, and what of this one alone. */
function statusesOf({
  routeKey,
  body,
  query,
  isOpen,
  problems = [],
}: Route["definition"]): readonly number[] {
  const isPost = routeKey.startsWith("POST ");
  return [
    ...(isOpen === true ? [] : [400, 401]),
    ...(routeKey.includes("{") || body !== undefined || query !== undefined ? [404] : []),
    ...(isPost ? [409] : []),
    ...(body === undefined ? [] : [413, 415]),
    403,
    500,
    503,
    ...problems,
  ]
    .sort((left, right) => left - right)
    .filter((status, index, all) => status !== all[index - 1]);
}

function toProblemResponse(status: number): JsonObject {
  return {
    description: NAMES_OF_STATUS.get(status) ?? "a problem",
    content: { "application/json": { schema: { $ref: "#/components/schemas/Problem" } } },
  };
}

/** `GET /runs/{id}/events` → `getRunsIdEvents` */
function toOperationId(routeKey: string): string {
  const [method = "", ...words] = routeKey.split(/[^A-Za-z]+/).filter((word) => word !== "");
  return method.toLowerCase() + words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join("");
}

function toReference(answer: z.ZodType): JsonObject {
  const name = Object.entries(NAMED_SCHEMAS).find(([, schema]) => schema === answer)?.[0];
  return name === undefined ? toSchema(answer, "output") : { $ref: `#/components/schemas/${name}` };
}

function toSchema(schema: z.ZodType, io: "input" | "output"): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === "date-time") delete jsonSchema.pattern; // the format says it, in fewer words
    },
  });
  return rest as JsonObject;
}
