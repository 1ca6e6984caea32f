// Which handler a request is for, and which requests no handler sees.

import { ROUTES } from "@steward/functions/api/routes.ts";
import { describe, expect, it } from "vitest";
import { matchRoute, refuseForeign } from "../../../packages/local/src/api-router.ts";

describe("matchRoute", () => {
  it("prefers a path's own name to a parameter", () => {
    expect(matchRoute(ROUTES, "POST", "/erasures/preview").route.definition.routeKey).toBe(
      "POST /erasures/preview",
    );
  });

  it("gives a parameter decoded", () => {
    expect(matchRoute(ROUTES, "GET", "/runs/a%20b").pathParameters).toEqual({ id: "a b" });
  });

  it.each(["/", "/runs/", "/runs//events", "/runs/%zz", "/RUNS", "/runs/a/b/c"])(
    "has nothing at %s",
    (path) => {
      expect(() => matchRoute(ROUTES, "GET", path)).toThrow(
        expect.objectContaining({ name: "NotFoundError" }),
      );
    },
  );

  it("names the methods that a path has", () => {
    expect(() => matchRoute(ROUTES, "PUT", "/groups")).toThrow(
      expect.objectContaining({ name: "MethodNotAllowedError", headers: { allow: "GET" } }),
    );
  });
});

describe("refuseForeign", () => {
  it.each(["localhost:1", "127.0.0.1:20000", "[::1]:3", "LOCALHOST"])("lets %s in", (host) => {
    expect(() => refuseForeign({ host })).not.toThrow();
  });

  it.each([
    "steward.example",
    "127.0.0.1.example",
    "localhost.example:1",
    "x@steward.example",
    "10.0.0.1",
    "",
  ])("refuses the host %s", (host) => {
    expect(() => refuseForeign({ host })).toThrow(expect.objectContaining({ name: "ForbiddenError" }));
  });

  it.each(["https://steward.example", "null", "file://", "http://localhost.example"])(
    "refuses the origin %s",
    (origin) => {
      expect(() => refuseForeign({ host: "localhost", origin })).toThrow(
        expect.objectContaining({ place: { field: "Origin", rule: "is a loopback origin" } }),
      );
    },
  );
});
