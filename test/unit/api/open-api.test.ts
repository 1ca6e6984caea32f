// The description of the API: as committed, and true of what is served.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { toOpenApi } from "@steward/functions/_runtime/open-api.ts";
import { getOpenApi } from "@steward/functions/api/openapi-get.ts";
import { ROUTES } from "@steward/functions/api/routes.ts";
import { describe, expect, it } from "vitest";

const committed = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../../docs/openapi.json"), "utf8"),
) as Record<string, Record<string, Record<string, { requestBody?: unknown; security?: unknown }>>>;

describe("docs/openapi.json", () => {
  it("is what `npm run openapi` writes", () => {
    expect(committed).toEqual(toOpenApi([...ROUTES, getOpenApi]));
  });

  it("is OpenAPI 3.1, every operation under an id of its own", () => {
    const paths = Object.values(committed.paths ?? {});
    const ids = paths
      .flatMap((methods) => Object.values(methods))
      .map((one) => "operationId" in one && one.operationId);

    expect(committed.openapi).toBe("3.1.0");
    expect(new Set(ids).size).toBe(ROUTES.length + 1);
  });

  it("asks for a token but where it says that none is needed", () => {
    expect(committed.security).toEqual([{ token: [] }]);
    expect(committed.paths?.["/health"]?.get?.security).toEqual([]);
    expect(committed.paths?.["/erasures"]?.post?.security).toBeUndefined();
  });

  it("refuses fields that a request has not", () => {
    const body = committed.paths?.["/erasures"]?.post?.requestBody;

    expect(JSON.stringify(body)).toContain('"additionalProperties":false');
  });
});
