// An identifier that a caller gives to the API, rightly or by mistake, is in nothing that the platform keeps.

import type { ErasureAnswer } from "@steward/functions/_runtime/api-schemas.ts";
import type { Platform } from "@steward/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Asked, serveApi, type TestApi } from "../support/api.ts";
import { findLeaks, makeCanaries, toNeedles } from "../support/leak-search.ts";
import { makeStateDir, openTestPlatform, removeStateDir } from "../support/platform.ts";
import { findInState } from "../support/state-search.ts";

const CANARIES = makeCanaries(2, 20);
const [KNOWN = "", STRAY = ""] = CANARIES;
const ERASURE = { entity: "customer", ids: [KNOWN] };

let stateDir: string;
let platform: Platform;
let api: TestApi;

beforeAll(async () => {
  stateDir = makeStateDir();
  platform = await openTestPlatform(stateDir);
  api = await serveApi(platform);
});

afterAll(async () => {
  await platform.close();
  await removeStateDir(stateDir);
});

describe("an identifier", () => {
  it("that is erased, previewed or the key of a request is nowhere in clear", async () => {
    await api.json("/erasures/preview", 200, { body: ERASURE, headers: { "idempotency-key": `p-${KNOWN}` } });
    const { requestId } = await api.json<ErasureAnswer>("/erasures", 202, {
      body: ERASURE,
      headers: { "idempotency-key": KNOWN },
    });
    const answers = await Promise.all([
      api.ask(`/erasures/${requestId}`),
      api.ask(`/erasures/${requestId}/preview`),
      api.ask(`/runs/${requestId}/events`),
      api.ask("/runs"),
    ]);
    answers.push(await api.ask(`/erasures/${requestId}/certificate`));

    const needles = toNeedles(CANARIES);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(
      answers.flatMap(({ text }, index) => findLeaks(`answer ${index}`, Buffer.from(text), needles)),
    ).toEqual([]);
    expect(await findInState(platform, KNOWN)).toEqual([]);
  });

  it.each<[string, string, Asked]>([
    ["in a body that is no JSON", "/erasures", { text: `{"ids":["${STRAY}"` }],
    ["with a control character", "/erasures", { body: { entity: "customer", ids: [`${STRAY}\u0007`] } }],
    ["beside an unknown entity", "/erasures", { body: { entity: "person", ids: [STRAY] } }],
    ["of another type", "/erasures", { body: { entity: "customer", ids: { [STRAY]: STRAY } } }],
    ["without a token", "/erasures", { body: { entity: "customer", ids: [STRAY] }, token: null }],
    ["as the token", "/groups", { token: STRAY }],
    ["in a path", `/runs/${STRAY}`, {}],
    ["in a path that there is not", `/customers/${STRAY}`, {}],
    ["in a query", `/runs?id=${STRAY}`, {}],
    ["as a name of a field", "/rebuilds", { body: { group: "customer-purchases", [STRAY]: 1 } }],
    ["as a group", "/rebuilds", { body: { group: STRAY } }],
    [
      "as another body of a key",
      "/erasures",
      { body: { ...ERASURE, ids: [STRAY] }, headers: { "idempotency-key": KNOWN } },
    ],
    [
      "as a key that is too long",
      "/erasures",
      { body: ERASURE, headers: { "idempotency-key": STRAY.repeat(20) } },
    ],
  ])("given by mistake, %s, is in nothing that is kept", async (_, path, asked) => {
    const { status } = await api.ask(path, asked);

    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(await findInState(platform, STRAY)).toEqual([]);
  });
});
