// The contract of the API: whatever is asked, no 5xx comes, and every answer fits the schema that the description names.

import { apiEvent } from "@steward/functions/_runtime/api-event.ts";
import { problemAnswer } from "@steward/functions/_runtime/api-schemas.ts";
import { getOpenApi } from "@steward/functions/api/openapi-get.ts";
import { ROUTES } from "@steward/functions/api/routes.ts";
import type { Platform } from "@steward/local";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveApi, type TestApi } from "../../support/api.ts";
import { makeStateDir, openTestPlatform, refresh, removeStateDir } from "../../support/platform.ts";
import { purchasesOf, writeCsv } from "../../support/purchase-files.ts";

const RUNS = 400;
const SERVED = [...ROUTES, getOpenApi];

let stateDir: string;
let platform: Platform;
let api: TestApi;

beforeAll(async () => {
  stateDir = makeStateDir();
  platform = await openTestPlatform(stateDir);
  api = await serveApi(platform);
  await refresh(platform, "customer-purchases", "1997-10-01", [
    writeCsv(stateDir, "few.csv", purchasesOf(20, "1997-02-01")),
  ]);
});

afterAll(async () => {
  await platform.close();
  await removeStateDir(stateDir);
});

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom("", "customer", "00042", "now"),
);
const group = fc.oneof(fc.constantFrom("customer-purchases", "product-views", "nobodys"), text);
const instant = fc.oneof(fc.constantFrom("1997-10-01", "2999-01-01", "1997-13-01T00:00:00Z"), text);
const almost = <T>(good: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 5, arbitrary: good }, { weight: 1, arbitrary: fc.jsonValue() });

/** Of each request that takes one; most of them nearly right, so that the rules behind the schema are reached too. */
const bodies: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  erasures: fc.record({
    entity: almost(
      fc.oneof({ weight: 3, arbitrary: fc.constant("customer") }, { arbitrary: text, weight: 1 }),
    ),
    ids: almost(fc.array(almost(text), { minLength: 1, maxLength: 4 })),
  }),
  rebuilds: fc.record(
    { group: almost(group), asOf: almost(instant), target: almost(fc.constantFrom("hot", "both")) },
    { requiredKeys: ["group"] },
  ),
  replays: fc.record({ group: almost(group), from: almost(instant) }, { requiredKeys: ["group"] }),
  refreshes: fc.record(
    { group: almost(group), asOf: almost(instant), inputs: almost(fc.constant([])), pace: almost(fc.nat()) },
    { requiredKeys: ["group"] },
  ),
};

const aQuery = fc.dictionary(fc.constantFrom("group", "limit", "state", "other"), text, { maxKeys: 2 });
const request = fc.constantFrom(...SERVED).chain((route) => {
  const name = Object.keys(bodies).find((word) => route.definition.routeKey.includes(`POST /${word}`)) ?? "";
  const body = (bodies[name] ?? fc.constant({})).map((value) => JSON.stringify(value));
  return fc.record({
    route: fc.constant(route),
    id: fc.oneof(fc.nat(), text),
    query: route.definition.routeKey.startsWith("POST")
      ? fc.oneof({ weight: 9, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: aQuery })
      : aQuery,
    raw: fc.oneof({ weight: 9, arbitrary: body }, { weight: 1, arbitrary: text }),
    key: fc.option(fc.constantFrom("a", "b", "c"), { nil: undefined, freq: 4 }),
  });
});

/** A run or an erasure that there is, for a number; a text as it is. */
function toId(id: number | string, begun: readonly string[]): string {
  return typeof id === "string" ? toPathPart(id) : (begun[id % begun.length] ?? "none");
}

describe("the API", () => {
  it("answers any request by its schema, and never with a 5xx", async () => {
    const seen = new Map<number, number>();
    const begun: string[] = [];

    await fc.assert(
      fc.asyncProperty(request, async ({ route, id, query, raw, key }) => {
        const { routeKey, answer, status = 200, contentType } = route.definition;
        const [method = "", template = ""] = routeKey.split(" ");
        const path = template.replace("{id}", encodeURIComponent(toId(id, begun)));
        const search = new URLSearchParams(Object.entries(query)).toString();

        const reply = await api.ask(search === "" ? path : `${path}?${search}`, {
          method,
          ...(method === "POST" ? { text: raw } : {}),
          ...(key === undefined ? {} : { headers: { "idempotency-key": key } }),
        });

        seen.set(reply.status, (seen.get(reply.status) ?? 0) + 1);
        if (reply.status >= 400) {
          if (reply.status >= 500) throw new Error(`${routeKey} ${raw} ${path}: ${reply.text}`);
          expect(problemAnswer.safeParse(JSON.parse(reply.text)).error).toBeUndefined();
          expect([400, 404, 409]).toContain(reply.status);
        } else {
          expect(reply.status).toBe(status);
          if (reply.status === 202) begun.push(String(reply.headers.location).split("/").at(-1) ?? "");
          if (contentType === undefined)
            expect(answer.safeParse(JSON.parse(reply.text)).error).toBeUndefined();
        }
      }),
      { numRuns: RUNS },
    );

    expect([...seen.keys()].toSorted()).toEqual(expect.arrayContaining([200, 202, 400, 404, 409]));
  }, 120_000);

  it("answers an event that is none of API Gateway's with an error of its host, not with a guess", () => {
    expect(apiEvent.safeParse({ version: "1.0" }).success).toBe(false);
  });
});

/** What a URL can carry: no lone surrogate, and no `.` or `..`, which clients take away. */
function toPathPart(id: string): string {
  const formed = id.toWellFormed();
  return formed === "" || formed === "." || formed === ".." ? "x" : formed;
}
