// Decides what every handler of the API has in common: the caller is known, the request is parsed, the same key gives the
// same answer, what goes wrong becomes a status with field and rule, and the request is written down for an auditor.

import middy from "@middy/core";
import { type ControlPorts, canonicalJson, type JsonValue, toErrorName } from "@steward/core";
import { z } from "zod";
import { type ApiEvent, type ApiResult, apiEvent, bodyOf, principalOf } from "./api-event.ts";
import { answerOnce } from "./api-idempotency.ts";
import { RequestError, toFieldError, toProblem, toProblemResult } from "./api-problem.ts";
import { currentAudit, currentControl, currentScope } from "./scope.ts";

export interface Call<Body, Query> {
  readonly ports: ControlPorts;
  readonly body: Body;
  readonly query: Query;
  /** Of a path that names one; else empty. */
  readonly id: string;
  /** Of the caller's, or none. */
  readonly key: string | undefined;
  /** The id of a run that this call begins, the same whenever it is tried again with its key. */
  readonly runId: string;
}

export interface Answer {
  /** A value by the route's schema; a text, or texts as they come, are sent as they are. */
  readonly body: unknown;
  readonly location?: string;
  /** The run or request that it is about, for the audit. */
  readonly about?: string;
}

export interface RouteDefinition<Body extends z.ZodType, Query extends z.ZodType> {
  /** `POST /erasures` */
  readonly routeKey: string;
  readonly summary: string;
  readonly body?: Body;
  readonly query?: Query;
  readonly answer: z.ZodType;
  /** Default: 200. */
  readonly status?: number;
  /** Default: JSON. */
  readonly contentType?: string;
  /** Whether anyone may ask. */
  readonly isOpen?: boolean;
  /** Statuses beside those that every route may give. */
  readonly problems?: readonly number[];
  readonly run: (call: Call<z.infer<Body>, z.infer<Query>>) => Promise<Answer>;
}

export interface Route {
  readonly definition: Omit<RouteDefinition<z.ZodType, z.ZodType>, "run">;
  readonly handler: (event: unknown, context: object) => Promise<ApiResult>;
}

const JSON_TYPE = "application/json";
const NOTHING = z.strictObject({});
const MAX_KEY_CHARACTERS = 256;

export function route<Body extends z.ZodType = typeof NOTHING, Query extends z.ZodType = typeof NOTHING>(
  definition: RouteDefinition<Body, Query>,
): Route {
  const handler = middy()
    .use([audited(definition.routeKey), answeringProblems(), identified(definition.isOpen === true)])
    .handler(async (event) => answer(definition, event as unknown as ApiEvent));
  return {
    definition,
    handler: handler as unknown as Route["handler"], // middy's own type names AWS's event and context types
  };
}

interface Request {
  event: unknown;
  response: unknown;
  /** Undefined or null where nothing went wrong. */
  error?: Error | null;
}

/** The last to see the answer: nothing leaves that was not written down. */
function audited(routeKey: string) {
  const record = async ({ event, response, error }: Request): Promise<void> => {
    const { requestContext } = apiEvent.parse(event);
    const { statusCode, about } = response as ApiResult & { about?: string };
    await currentAudit().record({
      requestId: requestContext.requestId,
      principal: principalOf(apiEvent.parse(event)) ?? null,
      route: routeKey,
      status: statusCode,
      error: error instanceof Error ? toProblem(error).name : null,
      about: about ?? null,
    });
  };
  const seal = async (request: Request): Promise<void> => {
    await record(request);
    const { about: _, ...result } = request.response as ApiResult & { about?: string };
    request.response = result;
  };
  return { after: seal, onError: seal } as unknown as middy.MiddlewareObj;
}

function answeringProblems(): middy.MiddlewareObj {
  return {
    onError: (request) => {
      const { requestContext } = apiEvent.parse(request.event);
      const problem = toProblem(request.error);
      if (problem.name === "InternalError")
        currentScope().log({
          level: "error",
          message: "request failed",
          request: requestContext.requestId,
          error: toErrorName(request.error?.name),
        });
      request.response = toProblemResult(problem, requestContext.requestId);
    },
  };
}

function identified(isOpen: boolean): middy.MiddlewareObj {
  return {
    before: (request) => {
      const event = apiEvent.parse(request.event);
      if (!isOpen && principalOf(event) === undefined)
        throw new RequestError(
          "UnauthorizedError",
          "the header Authorization must name a token of this platform",
          { field: "Authorization", rule: "Bearer TOKEN" },
          { "www-authenticate": "Bearer" },
        );
    },
  };
}

async function answer<Body extends z.ZodType, Query extends z.ZodType>(
  definition: RouteDefinition<Body, Query>,
  event: ApiEvent,
): Promise<ApiResult & { readonly about?: string }> {
  const { routeKey, body: bodySchema, query: querySchema, contentType = JSON_TYPE } = definition;
  const given = givenBody(bodySchema, event);
  const body = bodySchema === undefined ? given : parse(bodySchema, given, "body");
  const query = parse(querySchema ?? NOTHING, event.queryStringParameters ?? {}, "query") as z.infer<Query>;
  const id = event.pathParameters?.id ?? "";
  const ports = currentControl();
  const key = keyOf(event);
  const run = (runId: string): Promise<Answer> =>
    definition.run({ ports, body: body as z.infer<Body>, query, id, key, runId });
  const {
    body: answered,
    location,
    about,
  } = event.routeKey.startsWith("POST ") && key !== undefined
    ? await answerOnce(ports, { key, request: [routeKey, id, canonicalJson(given)] }, run)
    : await run(ports.ids.runId());
  return {
    statusCode: definition.status ?? 200,
    headers: { "content-type": contentType, ...(location === undefined ? {} : { location }) },
    body: isText(answered) ? answered : JSON.stringify(definition.answer.parse(answered)),
    ...(about === undefined ? {} : { about }),
  };
}

function isText(answered: unknown): answered is ApiResult["body"] {
  return (
    typeof answered === "string" ||
    (typeof answered === "object" && answered !== null && Symbol.asyncIterator in answered)
  );
}

/** The value of a header of that kind may be made of an identifier, and is not repeated. */
function keyOf({ headers }: ApiEvent): string | undefined {
  const key = headers["idempotency-key"];
  if (key === undefined) return undefined;
  if (key !== "" && key.length <= MAX_KEY_CHARACTERS) return key;
  const place = { field: "Idempotency-Key", rule: `has 1 to ${MAX_KEY_CHARACTERS} characters` };
  throw new RequestError("InvalidInputError", `${place.field} ${place.rule}`, place);
}

/** The body as JSON, before any rule of the route's own. */
function givenBody(schema: z.ZodType | undefined, event: ApiEvent): JsonValue {
  const text = textOf(event);
  if (schema === undefined) {
    if (text.trim() === "" || text.trim() === "{}") return {};
    const place = { field: "body", rule: "is empty for this request" };
    throw new RequestError("InvalidInputError", "this request takes no body", place);
  }
  const type = (event.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== JSON_TYPE) {
    const place = { field: "Content-Type", rule: JSON_TYPE };
    throw new RequestError("UnsupportedMediaTypeError", `the body must be ${JSON_TYPE}`, place);
  }
  return toJson(text);
}

function textOf(event: ApiEvent): string {
  try {
    return bodyOf(event);
  } catch {
    const place = { field: "body", rule: "is UTF-8" };
    throw new RequestError("InvalidInputError", "the body is not UTF-8", place);
  }
}

function toJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    // Never what the parser says: it quotes the text.
    const place = { field: "body", rule: "is JSON" };
    throw new RequestError("InvalidInputError", "the body is not JSON", place);
  }
}

function parse<S extends z.ZodType>(schema: S, value: unknown, whole: string): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw toFieldError(parsed.error, whole);
}
