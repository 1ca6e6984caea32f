// Decides which handler a request of HTTP is for, and what may not come that far: a foreign host, no route, a method that the
// route has not.

import type { Route } from "@steward/functions/_runtime/api.ts";
import { RequestError } from "@steward/functions/_runtime/api-problem.ts";

export interface Match {
  readonly route: Route;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** @throws RequestError (404, or 405 naming the methods that there are). */
export function matchRoute(routes: readonly Route[], method: string, path: string): Match {
  const here = routes.flatMap((route) => {
    const [routeMethod = "", template = ""] = route.definition.routeKey.split(" ");
    const pathParameters = matchPath(template, path);
    return pathParameters === undefined ? [] : [{ route, routeMethod, template, pathParameters }];
  });
  // `/erasures/preview` before `/erasures/{id}`.
  const found = here
    .filter(({ routeMethod }) => routeMethod === method)
    .sort((left, right) => Number(left.template.includes("{")) - Number(right.template.includes("{")))[0];
  if (found !== undefined) return found;
  if (here.length === 0)
    throw new RequestError("NotFoundError", "there is no such path: GET /openapi.json lists them");
  const allow = [...new Set(here.map(({ routeMethod }) => routeMethod))].join(", ");
  const place = { field: "method", rule: `is one of ${allow}` };
  throw new RequestError("MethodNotAllowedError", `this path takes ${allow}`, place, { allow });
}

/** Another name for this machine may be a page's that made a browser ask (DNS rebinding). @throws RequestError (403). */
export function refuseForeign(headers: Readonly<Record<string, string>>): void {
  const { host, origin } = headers;
  if (!isLoopback(`http://${host ?? ""}`))
    throw new RequestError("ForbiddenError", "this host answers to its loopback names alone", {
      field: "Host",
      rule: "is localhost, 127.0.0.1 or [::1]",
    });
  if (origin !== undefined && !isLoopback(origin))
    throw new RequestError("ForbiddenError", "requests of pages from elsewhere are refused", {
      field: "Origin",
      rule: "is a loopback origin",
    });
}

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

function isLoopback(url: string): boolean {
  return URL.canParse(url) && LOOPBACK.has(new URL(url).hostname);
}

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    const value = given[index] ?? "";
    if (name === undefined && part !== value) return undefined;
    if (name === undefined) continue;
    const decoded = decode(value);
    if (decoded === undefined || decoded === "") return undefined;
    parameters[name] = decoded;
  }
  return parameters;
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
