// Decides how the API is served on one machine: loopback alone, a token for all but what is open, requests handed on as API
// Gateway would, answers written as they come. What the handlers do is theirs.

import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Route } from "@steward/functions/_runtime/api.ts";
import type { ApiEvent, ApiResult } from "@steward/functions/_runtime/api-event.ts";
import {
  PROBLEMS,
  RequestError,
  toProblem,
  toProblemResult,
} from "@steward/functions/_runtime/api-problem.ts";
import { currentAudit, type Scope, withScope } from "@steward/functions/_runtime/scope.ts";
import { getOpenApi } from "@steward/functions/api/openapi-get.ts";
import { ROUTES } from "@steward/functions/api/routes.ts";
import { matchRoute, refuseForeign } from "./api-router.ts";
import { type ApiToken, isAuthorised } from "./api-token.ts";
import { freePort } from "./services/child-server.ts";

export interface ApiServer {
  readonly url: string;
  /** Streams end, requests in hand are answered. */
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const MAX_BODY_BYTES = 1_000_000;
const CLOSE_MS = 2_000;
const SERVED: readonly Route[] = [...ROUTES, getOpenApi];

/** Listens on the wanted port, or on any where it is taken. */
export async function startApiServer(scope: Scope, token: ApiToken, wantedPort: number): Promise<ApiServer> {
  const closing = new AbortController();
  const server = createServer((request, response) => {
    withScope(scope, () => serve(request, response, token, closing.signal)).catch(() => response.destroy());
  });
  const free = await freePort(wantedPort === 0 ? undefined : wantedPort);
  const port = await listen(server, free).catch(() => listen(server, 0));
  return {
    url: `http://${HOST}:${port}`,
    async close() {
      closing.abort();
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeIdleConnections();
      await Promise.race([closed, sleep(CLOSE_MS, undefined, { ref: false })]);
      server.closeAllConnections();
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((done, failed) => {
    server.once("error", failed);
    server.listen(port, HOST, () => {
      server.off("error", failed);
      done();
    });
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  token: ApiToken,
  closing: AbortSignal,
): Promise<void> {
  const requestId = randomUUID();
  const result = await answer(request, requestId, token);
  response.writeHead(result.statusCode, {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-request-id": requestId,
    ...result.headers,
  });
  if (typeof result.body === "string") response.end(result.body);
  else await writeAsItComes(result.body, response, closing);
}

/** What is refused before a handler sees it is written down like what a handler answers. */
async function answer(request: IncomingMessage, requestId: string, token: ApiToken): Promise<ApiResult> {
  const headers = toHeaders(request);
  const principal = isAuthorised(token, headers.authorization) ? token.id : undefined;
  try {
    refuseForeign(headers);
    const url = toUrl(request.url ?? "/");
    const { route, pathParameters } = matchRoute(SERVED, request.method ?? "GET", url.pathname);
    const isKnown = principal !== undefined || route.definition.isOpen === true;
    const event: ApiEvent & Record<string, unknown> = {
      version: "2.0",
      routeKey: route.definition.routeKey,
      rawPath: url.pathname,
      headers,
      queryStringParameters: toQuery(url.searchParams),
      pathParameters: { ...pathParameters },
      // Of a stranger nothing is read.
      body: isKnown ? await readBody(request) : "",
      isBase64Encoded: true,
      requestContext: {
        requestId,
        ...(principal === undefined ? {} : { authorizer: { lambda: { principal } } }),
      },
    };
    return await route.handler(event, {});
  } catch (error) {
    const problem = toProblem(error);
    await currentAudit().record({
      requestId,
      principal: principal ?? null,
      route: null,
      status: PROBLEMS[problem.name],
      error: problem.name,
      about: null,
    });
    const result = toProblemResult(problem, requestId);
    return { ...result, headers: { ...result.headers, connection: "close" } };
  }
}

/** Only a path of this host's: proxies ask by a whole URL. @throws RequestError (404). */
function toUrl(target: string): URL {
  const url = `http://${HOST}${target}`;
  if (target.startsWith("/") && URL.canParse(url)) return new URL(url);
  throw new RequestError("NotFoundError", "there is no such path: GET /openapi.json lists them");
}

/** Base64, whatever the bytes are. What is too much is read on and dropped, or the sender would never read the answer.
 * @throws RequestError (413). */
function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((done, failed) => {
    request.on("error", () => failed(cutOff()));
    request.on("end", () => done(Buffer.concat(chunks).toString("base64")));
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
      else failed(tooLarge());
    });
  });
}

/** Nobody reads this answer; the audit tells it from a fault of the platform's. */
function cutOff(): RequestError {
  const place = { field: "body", rule: "comes to its end" };
  return new RequestError("InvalidInputError", "the body did not come to its end", place);
}

function tooLarge(): RequestError {
  const place = { field: "body", rule: `at most ${MAX_BODY_BYTES} bytes` };
  return new RequestError("PayloadTooLargeError", `a body has at most ${MAX_BODY_BYTES} bytes`, place);
}

/** A name that is given twice has both values, joined as API Gateway joins them. */
function toQuery(given: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...given.keys()].map((name) => [name, given.getAll(name).join(",")]));
}

function toHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  return headers;
}

/** Until it ends, the reader leaves, or the server closes. */
async function writeAsItComes(
  texts: AsyncIterable<string>,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  response.flushHeaders();
  const end = (): void => void response.end();
  closing.addEventListener("abort", end);
  for await (const text of texts) {
    if (response.destroyed || closing.aborted) break;
    if (!response.write(text)) await new Promise((done) => response.once("drain", done).once("close", done));
  }
  closing.removeEventListener("abort", end);
  response.end();
}
