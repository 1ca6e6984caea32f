// What the API answers: erasures, rebuilds and runs over HTTP, and each refusal with its field and rule.

import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { certificateSchema, startRefresh } from "@steward/core";
import { customerActivity } from "@steward/features";
import { readAudit } from "@steward/functions/_runtime/api-audit.ts";
import {
  type ErasureAnswer,
  progressEvent,
  type RunAnswer,
} from "@steward/functions/_runtime/api-schemas.ts";
import type { Platform } from "@steward/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveApi, type TestApi, toEvents } from "../support/api.ts";
import { at, GROUPS, makeStateDir, openTestPlatform, refresh, removeStateDir } from "../support/platform.ts";
import { put, someVisits } from "../support/shop-visits.ts";
import { until } from "../support/until.ts";

const CDNOW = join(import.meta.dirname, "../../data/cdnow.csv");
const GROUP = "customer-purchases";
/** Read as if it were UTF-8, it would name somebody else. */
const NO_UTF8 = Buffer.from('{"entity":"customer","ids":["M\u00fcller"]}', "latin1");

let stateDir: string;
let platform: Platform;
let api: TestApi;

beforeAll(async () => {
  stateDir = makeStateDir();
  platform = await openTestPlatform(stateDir, { groups: [...GROUPS, customerActivity] });
  api = await serveApi(platform);
  await refresh(platform, GROUP, "1997-10-01", [CDNOW]);
});

afterAll(async () => {
  await platform.close();
  await removeStateDir(stateDir);
});

/** Waits for the run by its events; the end. */
async function followed(runId: string): Promise<RunAnswer> {
  const reply = await api.ask(`/runs/${runId}/events`);
  return toEvents(reply.text).at(-1)?.data as RunAnswer;
}

describe("POST /erasures", () => {
  it("erases with a certificate, and the identifier is nowhere but in the caller's hands", async () => {
    const body = { entity: "customer", ids: ["19339"] };
    const preview = await api.json<{ groups: { name: string; hot: number }[] }>("/erasures/preview", 200, {
      body,
    });
    expect(preview.groups.find(({ name }) => name === GROUP)?.hot).toBe(1);

    const { requestId } = await api.json<ErasureAnswer>("/erasures", 202, { body });

    expect((await followed(requestId)).state).toBe("succeeded");
    const certificate = await api.ask(`/erasures/${requestId}/certificate`);
    expect(certificateSchema.parse(JSON.parse(certificate.text)).subjects).toHaveLength(1);
    expect((await api.json<ErasureAnswer>(`/erasures/${requestId}`, 200)).state).toBe("certified");
    const log = readFileSync(join(stateDir, "log.jsonl"), "utf8");
    expect(log).toContain("step done");
    expect(log).not.toContain("19339");
    expect(JSON.stringify(await readAudit(platform.ports.objects))).not.toContain("19339");
  });

  it("gives the same answer to the same key, and refuses the key for another request", async () => {
    const asked = {
      body: { entity: "customer", ids: ["00008"] },
      headers: { "idempotency-key": "key-00008" },
    };

    const first = await api.ask("/erasures", asked);
    await followed((JSON.parse(first.text) as ErasureAnswer).requestId);
    const second = await api.ask("/erasures", asked);
    const other = await api.problem("/erasures", { ...asked, body: { entity: "customer", ids: ["00009"] } });

    expect(first.status).toBe(202);
    expect(second).toMatchObject({ status: 202, text: first.text });
    expect(second.headers.location).toBe(first.headers.location);
    expect(other).toMatchObject({ status: 409, name: "ConflictError", field: "Idempotency-Key" });
    expect(JSON.stringify(other)).not.toContain("00009");
  });
});

describe("POST /rebuilds", () => {
  it("is followed by its events: counts that rise, a rate, and the end with the report", async () => {
    const { runId } = await api.json<RunAnswer>("/rebuilds", 202, { body: { group: GROUP } });

    const reply = await api.ask(`/runs/${runId}/events`);

    expect(reply.headers["content-type"]).toBe("text/event-stream");
    const events = toEvents(reply.text);
    const seen = events.slice(0, -1).map(({ data }) => progressEvent.parse(data));
    const settled = seen.map(({ records }) => records.settled);
    expect(settled).toEqual(settled.toSorted((left, right) => left - right));
    expect(seen.some(({ recordsPerSecond }) => recordsPerSecond !== null && recordsPerSecond > 0)).toBe(true);
    expect(events.at(-1)).toMatchObject({ event: "end", data: { runId, state: "succeeded" } });
  });

  it("begins one run where the same key comes twice at once", async () => {
    const asked = { body: { group: GROUP, target: "hot" }, headers: { "idempotency-key": "rebuild-1" } };

    const replies = await Promise.all([api.ask("/rebuilds", asked), api.ask("/rebuilds", asked)]);

    const runIds = replies.map((reply) => (JSON.parse(reply.text) as RunAnswer).runId);
    expect(replies.map(({ status }) => status)).toEqual([202, 202]);
    expect(new Set(runIds).size).toBe(1);
    await followed(runIds[0] ?? "");
  });
});

describe("POST /runs/{id}/cancel", () => {
  it("ends a run at work, and refuses one that has ended", async () => {
    const run = await startRefresh(platform.ports, { group: GROUP, asOfMs: at("1997-11-01"), inputs: [] });

    const cancelled = await api.json<RunAnswer>(`/runs/${run.runId}/cancel`, 200, { method: "POST" });

    expect(cancelled.state).toBe("cancelled");
    expect(await api.problem(`/runs/${run.runId}/cancel`, { method: "POST" })).toMatchObject({
      status: 409,
      field: "id",
      rule: "is of a running run",
    });
  });
});

describe("POST /runs/{id}/resume", () => {
  it("takes up a cancelled run again, and refuses one that has ended for good", async () => {
    const { runId } = await startRefresh(platform.ports, {
      group: "customer-loyalty",
      asOfMs: at("1997-12-01"),
      inputs: [],
    });
    await api.json(`/runs/${runId}/cancel`, 200, { method: "POST" });

    const resumed = await api.json<RunAnswer>(`/runs/${runId}/resume`, 202, { method: "POST" });

    expect(resumed).toMatchObject({ runId, state: "running", attempt: 2 });
    expect((await followed(runId)).state).toBe("succeeded");
    expect(await api.problem(`/runs/${runId}/resume`, { method: "POST" })).toMatchObject({
      status: 409,
      field: "id",
      rule: "is of a run that has not ended for good",
    });
    expect(await api.problem("/runs/nobodys/resume", { method: "POST" })).toMatchObject({ status: 404 });
  });
});

describe("POST /redrives", () => {
  it("says how many chunks go back, and which runs go on: none, where none was given up", async () => {
    expect(await api.json("/redrives", 200, { method: "POST" })).toEqual({ letters: 0, runs: [] });
  });
});

describe("POST /replays", () => {
  it("reads a stream again, once for each key, and says which field is wrong", async () => {
    await put(platform.ports, someVisits(20, 5, Date.now() - 60_000));
    const asked = { body: { group: "customer-activity" }, headers: { "idempotency-key": "replay-1" } };

    const { runId } = await api.json<RunAnswer>("/replays", 202, asked);
    const again = await api.json<RunAnswer>("/replays", 202, asked);

    expect(again.runId).toBe(runId);
    expect(await followed(runId)).toMatchObject({ state: "succeeded", workflow: "replay" });
    const refused = (body: object) => api.problem("/replays", { body });
    expect(await refused({ group: GROUP })).toMatchObject({ status: 400, field: "group" });
    expect(await refused({ group: "nobodys" })).toMatchObject({ status: 404, field: "group" });
    expect(await refused({ group: "customer-activity", from: "2999-01-01" })).toMatchObject({
      status: 400,
      field: "from",
      rule: "is not after now",
    });
  });
});

describe("a refusal", () => {
  it.each([
    ["without a token", "/groups", { token: null }, 401, "Authorization"],
    ["with another token", "/groups", { token: "steward_other" }, 401, "Authorization"],
    ["a body that is no JSON", "/erasures", { text: "00042" }, 400, "body"],
    ["a field that is missing", "/erasures", { body: { ids: ["1"] } }, 400, "entity"],
    ["a field that is none", "/rebuilds", { body: { group: GROUP, stores: 1 } }, 400, "stores"],
    [
      "a bad identifier by its place",
      "/erasures",
      { body: { entity: "customer", ids: ["1", ""] } },
      400,
      "ids.1",
    ],
    ["an unknown entity", "/erasures", { body: { entity: "person", ids: ["1"] } }, 400, "entity"],
    ["an as-of ahead", "/refreshes", { body: { group: GROUP, asOf: "2999-01-01" } }, 400, "asOf"],
    ["an as-of that is none", "/refreshes", { body: { group: GROUP, asOf: "soon" } }, 400, "asOf"],
    ["a query that is none", "/runs?limit=many", {}, 400, "limit"],
    ["a parameter that is none", "/runs?colour=1", {}, 400, "colour"],
    ["an unknown group", "/rebuilds", { body: { group: "nobodys" } }, 404, "group"],
    ["an unknown run", "/runs/20260101t000000-aaaaaaaa", {}, 404, "id"],
    ["an unknown erasure", "/erasures/20260101t000000-aaaaaaaa", {}, 404, "id"],
    ["a parameter given twice", "/runs?limit=1&limit=2", {}, 400, "limit"],
    ["bytes that are no UTF-8", "/erasures", { text: NO_UTF8 }, 400, "body"],
    [
      "a file that none can name",
      "/refreshes",
      { body: { group: GROUP, inputs: ["a\0b"] } },
      400,
      "inputs.0",
    ],
    ["a group never refreshed", "/rebuilds", { body: { group: "product-views" } }, 404, "group"],
    ["a wrong method", "/erasures", { method: "DELETE" }, 405, "method"],
    [
      "a wrong content type",
      "/erasures",
      { text: "a=b", headers: { "content-type": "text/plain" } },
      415,
      "Content-Type",
    ],
    ["a body of more than a megabyte", "/erasures", { text: Buffer.alloc(1_000_001, " ") }, 413, "body"],
    ["a foreign host name", "/health", { headers: { host: "steward.example" } }, 403, "Host"],
    ["a page from elsewhere", "/health", { headers: { origin: "https://steward.example" } }, 403, "Origin"],
  ])("names field and rule: %s", async (_, path, asked, status, field) => {
    const problem = await api.problem(path, asked);

    expect(problem).toMatchObject({ status, field });
    expect(problem.rule).not.toBe("");
    expect(problem.message).not.toBe("");
  });

  it("comes for a body of many megabytes while it is still sent", async () => {
    expect(await api.problem("/erasures", { text: Buffer.alloc(30_000_000, " ") })).toMatchObject({
      status: 413,
    });
  });

  it("comes for a target that is no path", async () => {
    const { hostname, port } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `GET http://steward.example/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    );

    expect(await text(socket)).toMatch(/^HTTP\/1.1 404 /);
  });

  it("has no words for a path that there is not", async () => {
    expect(await api.problem("/customers/00042")).toMatchObject({ status: 404, name: "NotFoundError" });
    expect((await api.ask("/customers/00042")).text).not.toContain("00042");
  });
});

describe("GET", () => {
  it("lists groups, freshness and runs", async () => {
    const { groups } = await api.json<{ groups: { group: string; watermark: string }[] }>("/groups", 200);
    const { groups: fresh } = await api.json<{ groups: { sides: { hot: { ageMs: number } } }[] }>(
      `/freshness?group=${GROUP}`,
      200,
    );
    const { runs } = await api.json<{ runs: RunAnswer[] }>("/runs?limit=2&state=succeeded", 200);

    expect(groups.find(({ group }) => group === GROUP)?.watermark).toBe("1997-10-01T00:00:00.000Z");
    expect(fresh).toHaveLength(1);
    expect(fresh[0]?.sides.hot.ageMs).toBeGreaterThan(0);
    expect(runs.map(({ state }) => state)).toEqual(["succeeded", "succeeded"]);
  });
});

describe("the audit", () => {
  it("takes a caller that leaves in the middle of a body for no fault of the platform", async () => {
    const { objects } = platform.ports;
    const before = (await readAudit(objects)).length;
    const { hostname, port } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    const head = `Host: localhost\r\nAuthorization: Bearer ${api.token}\r\nContent-Type: application/json`;
    socket.write(`POST /erasures HTTP/1.1\r\n${head}\r\nContent-Length: 500\r\n\r\n{"entity"`, () =>
      setTimeout(() => socket.destroy(), 100),
    );

    await until("the request is audited", async () => (await readAudit(objects)).length > before);

    expect((await readAudit(objects)).at(-1)).toMatchObject({ status: 400, error: "InvalidInputError" });
  });

  it("names who asked what and how it ended, in a chain that shows a change", async () => {
    await api.ask("/groups", { token: null });
    await api.ask("/nowhere/00042");

    const entries = await readAudit(platform.ports.objects);

    expect(entries.at(-2)).toMatchObject({
      principal: null,
      route: "GET /groups",
      status: 401,
      error: "UnauthorizedError",
    });
    expect(entries.at(-1)).toMatchObject({ route: null, status: 404, error: "NotFoundError", about: null });
    expect(entries.at(-1)?.principal).toMatch(/^token:[0-9a-f]{12}$/);
    expect(JSON.stringify(entries)).not.toContain(api.token);
    const last = `audit/${String((await platform.ports.objects.list("audit/")).length).padStart(9, "0")}.json`;
    const changed = new TextDecoder().decode(await platform.ports.objects.get(last)).replace("404", "200");
    const first = "audit/000000001.json";
    const before = await platform.ports.objects.get(first);
    await platform.ports.objects.put(first, new TextEncoder().encode(changed));
    await expect(readAudit(platform.ports.objects)).rejects.toThrow("does not name the object before it");
    await platform.ports.objects.put(first, before);
    expect(await readAudit(platform.ports.objects)).toHaveLength(entries.length);
  });
});
