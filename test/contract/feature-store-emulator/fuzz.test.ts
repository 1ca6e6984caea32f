// Decides: that no request, however wrong, crashes the emulator, half-writes, or is answered otherwise than in AWS's form.
// Leaves to others: single wrong requests and their errors by name (wire.test.ts and the test of each operation).
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createOrders,
  createOrdersWithOffline,
  putOrder,
  ROLE_ARN,
  type Setup,
  startSetup,
} from "./setup.ts";

const REQUESTS = 1_000;
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_125);
const IDS = ["f-1", "f-2", "f-3"];
const SIGNED = {
  authorization:
    "AWS4-HMAC-SHA256 Credential=local/20261125/us-east-1/sagemaker/aws4_request, SignedHeaders=host, Signature=0a1b",
};
/** What the service's models and the pages on common errors name. */
const ERRORS =
  /^(ValidationError|ValidationException|SerializationException|ResourceNotFound|ResourceInUse|ResourceLimitExceeded|ConflictException|UnknownOperationException|MissingAuthenticationTokenException|IncompleteSignatureException|InvalidSignatureException|RequestEntityTooLargeException)$/;
const ODD: readonly unknown[] = [
  ...[null, 0, -1, 1.5, 1e300, 2 ** 53, true, false, "", " ", "x", "NaN", "Infinity", "-0", "1e400"],
  ...["\u0000", "\ud800", "\ufeff", "𝔘", "é".repeat(1_100), "9".repeat(3_000), "a".repeat(400_000)],
  ...["0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "2024-02-30T00:00:00Z", "2024-05-01T10:00:00+02:00"],
  ...[
    "__proto__",
    "constructor",
    "arn:aws:sagemaker:us-east-1:000000000000:feature-group/orders",
    "../orders",
  ],
  ...[[], {}, [null], [[[]]], { Unit: "Days" }, { Unit: "Days", Value: 2 ** 31 }, { __proto__: null, a: 1 }],
];

interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

interface Template {
  readonly method: string;
  readonly path: string;
  readonly target?: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

const record = (id: string, time: string) => [
  { FeatureName: "customer_id", ValueAsString: id },
  { FeatureName: "event_time", ValueAsString: time },
  { FeatureName: "count", ValueAsString: "1" },
];
const TTL = { Unit: "Days", Value: 1 };
const NOW = "2024-05-01T10:00:00Z";
const KEY = { RecordIdentifierValueAsString: "f-1" };
const RUNTIME: readonly Template[] = [
  { method: "PUT", path: "/FeatureGroup/orders", body: { Record: record("f-1", NOW), TtlDuration: TTL } },
  { method: "GET", path: "/FeatureGroup/orders", query: { ...KEY, FeatureName: "count" } },
  {
    method: "DELETE",
    path: "/FeatureGroup/orders",
    query: { ...KEY, EventTime: NOW, DeletionMode: "HardDelete" },
  },
  {
    method: "POST",
    path: "/BatchWriteRecord",
    body: { Entries: IDS.map((id) => ({ FeatureGroupName: "orders", Record: record(id, NOW) })) },
  },
  {
    method: "POST",
    path: "/BatchGetRecord",
    body: { Identifiers: [{ FeatureGroupName: "orders", RecordIdentifiersValueAsString: IDS }] },
  },
  { method: "POST", path: "/FeatureGroup/orders/ListRecords", body: { MaxResults: 5, NextToken: "" } },
  {
    method: "POST",
    path: "/FeatureGroup/v2/Record",
    body: { ...KEY, Features: record("f-1", NOW).slice(1), TtlDuration: TTL },
  },
];
const GROUP = { FeatureGroupName: "orders" };
const ResourceArn = "arn:aws:sagemaker:us-east-1:000000000000:feature-group/orders";
const CONTROL: readonly Template[] = Object.entries({
  CreateFeatureGroup: {
    ...{ FeatureGroupName: "new", RecordIdentifierFeatureName: "a", EventTimeFeatureName: "b" },
    FeatureDefinitions: ["a", "b"].map((FeatureName) => ({ FeatureName, FeatureType: "String" })),
    OnlineStoreConfig: { EnableOnlineStore: true, TtlDuration: TTL },
    OfflineStoreConfig: { S3StorageConfig: { S3Uri: "s3://bucket" } },
    ...{ RoleArn: ROLE_ARN, Tags: [{ Key: "a", Value: "b" }] },
  },
  DescribeFeatureGroup: GROUP,
  ListFeatureGroups: { NameContains: "o", MaxResults: 5, SortBy: "Name" },
  UpdateFeatureGroup: { ...GROUP, OnlineStoreConfig: { TtlDuration: TTL } },
  DeleteFeatureGroup: { FeatureGroupName: "none" },
  DescribeFeatureMetadata: { ...GROUP, FeatureName: "count" },
  UpdateFeatureMetadata: { ...GROUP, FeatureName: "count", ParameterAdditions: [{ Key: "a", Value: "b" }] },
  AddTags: { ResourceArn, Tags: [{ Key: "a", Value: "b" }] },
  ListTags: { ResourceArn },
  DeleteTags: { ResourceArn, TagKeys: ["a"] },
}).map(([operation, body]) => ({ method: "POST", path: "/", target: `SageMaker.${operation}`, body }));
const ADMIN: readonly Template[] = [
  { method: "PUT", path: "/_steward/clock", body: { nowMs: null } },
  {
    method: "PUT",
    path: "/_steward/faults",
    body: { group: "none", errorRate: 0, latencyMs: { p50: 1, p99: 2 } },
  },
  { method: "GET", path: "/_steward/health" },
];

describe(`${REQUESTS} requests of seed ${SEED}`, () => {
  let setup: Setup;
  beforeAll(async () => {
    setup = await startSetup({ now: () => Date.parse("2024-05-01T12:00:00Z") });
    await createOrdersWithOffline(setup);
    const OnlineStoreConfig = { EnableOnlineStore: true, StorageType: "Standard_V2" as const };
    await createOrders(setup, { FeatureGroupName: "v2", OnlineStoreConfig });
    for (const customer_id of IDS) await putOrder(setup, { customer_id });
    await putOrder(setup, { customer_id: "f-1" }, "v2");
  });
  afterAll(() => setup.close());

  it("are answered in AWS's form, the refused ones without any effect, and the emulator goes on serving", async () => {
    const random = toRandom(SEED);
    const seen = new Map<string, number>();
    let before = await readAll();
    for (let number = 0; number < REQUESTS; number += 1) {
      const call = toCall(random);
      const reply = await send(call);
      const told = `request ${number}: ${call.method} ${call.path} ${JSON.stringify(call.headers)} ${String(call.body).slice(0, 400)}`;
      seen.set(reply.error, (seen.get(reply.error) ?? 0) + 1);
      if (reply.status === 200) before = await readAll();
      else {
        expect(reply.status, told).toBeLessThan(500);
        expect(reply.error, told).toMatch(ERRORS);
        expect(reply.message, told).toEqual(expect.any(String));
        expect(await readAll(), told).toEqual(before);
      }
    }

    // Both sorts come often enough for the rule to mean something.
    expect(seen.get("")).toBeGreaterThan(REQUESTS / 10);
    expect(seen.size).toBeGreaterThan(6);
  }, 120_000);

  async function send({ path, ...call }: Call) {
    const reply = await fetch(setup.url + path, call);
    const text = await reply.text();
    const body = text === "" ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>);
    const error = reply.headers.get("x-amzn-errortype") ?? "";
    if (path === "/" && error !== "") expect(body.__type).toBe(error);
    return { status: reply.status, error, message: body.Message ?? body.message };
  }

  /** Everything that a request could have changed, as far as the wire shows it. */
  async function readAll(): Promise<unknown> {
    const post = (path: string, body: object, target?: string) =>
      fetch(setup.url + path, {
        method: "POST",
        headers: { ...SIGNED, ...(target !== undefined && { "x-amz-target": `SageMaker.${target}` }) },
        body: JSON.stringify(body),
      }).then((reply) => reply.json());
    const asked = ["orders", "v2"].map((FeatureGroupName) => ({
      FeatureGroupName,
      RecordIdentifiersValueAsString: IDS,
    }));
    const buffer = fetch(`${setup.url}/_steward/offline-buffer`).then((reply) => reply.json());
    return Promise.all([
      post("/BatchGetRecord", { Identifiers: asked, ExpirationTimeResponse: "Enabled" }),
      post("/FeatureGroup/orders/ListRecords", { IncludeSoftDeletedRecords: true }),
      post("/", {}, "ListFeatureGroups"),
      post("/", GROUP, "DescribeFeatureGroup"),
      post("/", { ResourceArn }, "ListTags"),
      buffer,
    ]);
  }
});

function toCall(random: () => number): Call {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const template = pick(pick([RUNTIME, RUNTIME, CONTROL, ADMIN]));
  const odd = () => pick(ODD);
  let body = template.body;
  let query = template.query;
  for (let changes = Math.floor(random() * 3); changes > 0; changes -= 1) {
    if (query !== undefined) query = mutate(query, random, odd) as Readonly<Record<string, unknown>>;
    else if (body !== undefined) body = mutate(body, random, odd);
  }
  const headers: Record<string, string> = { ...SIGNED, "content-type": "application/json" };
  if (template.target !== undefined) headers["x-amz-target"] = template.target;
  let { method, path } = template;
  const dice = random();
  if (dice < 0.03) delete headers.authorization;
  else if (dice < 0.06) headers["content-type"] = "text/csv";
  else if (dice < 0.09) method = pick(["PATCH", "POST", "PUT", "DELETE"]);
  else if (dice < 0.12)
    path = pick(["/FeatureGroup/%FF", "/FeatureGroup/", "/FeatureGroup/a/b/c", "/%00", "//"]);
  else if (dice < 0.14) headers["x-amz-target"] = "SageMaker.Nothing";
  const search = query === undefined ? "" : `?${toQuery(query)}`;
  const base = { method, path: path + search, headers };
  return body === undefined || method === "GET"
    ? base
    : { ...base, body: toBytes(JSON.stringify(body), random) };
}

/** Now and then cut, or with a byte that is no UTF-8. */
function toBytes(text: string, random: () => number): string | Uint8Array<ArrayBuffer> {
  const dice = random();
  if (dice < 0.04) return text.slice(0, Math.floor(random() * text.length));
  if (dice > 0.04 && dice < 0.07) return new Uint8Array([...Buffer.from(text.slice(0, 1_000)), 0xff]);
  return text;
}

function toQuery(query: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(Object(query)).map(([name, value]) => {
    const text = (typeof value === "string" ? value : JSON.stringify(value)) ?? "";
    return `${encodeURIComponent(name)}=${encodeURIComponent(text.slice(0, 6_000).toWellFormed())}`;
  });
  return pairs.join("&");
}

/** The value with one of its parts, chosen at random, replaced by an odd one or taken away. */
function mutate(value: unknown, random: () => number, odd: () => unknown): unknown {
  if (typeof value !== "object" || value === null || random() < 0.1) return odd();
  const keys = Object.keys(value);
  const chosen = keys[Math.floor(random() * keys.length)];
  if (chosen === undefined) return odd();
  const kept = Object.entries(value).filter(([key]) => key !== chosen || random() > 0.2);
  const copy = kept.map(([key, part]) => [key, key === chosen ? mutate(part, random, odd) : part] as const);
  return Array.isArray(value) ? copy.map(([, part]) => part) : Object.fromEntries(copy);
}

/** Numerical Recipes' generator: the same requests for the same seed. */
function toRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}
