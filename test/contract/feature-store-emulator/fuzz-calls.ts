// Decides: which requests the fuzz test sends: valid ones of every operation, and what becomes of them by a few odd changes.
// Leaves to others: sending them, and every assertion (fuzz.test.ts).
import { ROLE_ARN } from "./setup.ts";

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

interface Template {
  readonly method: string;
  readonly path: string;
  readonly target?: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** No message of the emulator may name one. */
export const RECORD_IDS = ["person-1", "person-2", "person-3"];
const SIGNED = {
  authorization:
    "AWS4-HMAC-SHA256 Credential=local/20261125/us-east-1/sagemaker/aws4_request, SignedHeaders=host, Signature=0a1b",
  "content-type": "application/json",
};
const ODD: readonly unknown[] = [
  ...[null, 0, -1, 1.5, 1e300, 2 ** 53, true, false, "", " ", "x", "NaN", "Infinity", "-0", "1e400", "0x1f"],
  ...["\u0000", "\ud800", "\ufeff", "𝔘", "é".repeat(1_100), "9".repeat(3_000), "a".repeat(400_000)],
  ...["0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "2024-02-30T00:00:00Z", "2024-05-01T10:00:00+02:00"],
  ...["__proto__", "constructor", "../orders", "none", "OnlineStore", "OfflineStore"],
  "arn:aws:sagemaker:us-east-1:000000000000:feature-group/none",
  ...[[], {}, [null], [[[]]], { Unit: "Days" }, { Unit: "Days", Value: 2 ** 31 }, { __proto__: null, a: 1 }],
  ...[toNested(90), toNested(1_000), Array.from({ length: 3_000 }, () => "x")],
];
const ODD_PATHS = ["/FeatureGroup/%FF", "/FeatureGroup/", "/FeatureGroup/a/b/c", "/%00", "//", "/_steward/"];
const TTL = { Unit: "Days", Value: 1 };
const TIMES = ["2024-05-01T10:00:00Z", "2024-05-01T10:00:00.001Z", "2024-04-01T10:00:00Z"];
const ARN = "arn:aws:sagemaker:us-east-1:000000000000:feature-group/orders";
const GROUP = { FeatureGroupName: "orders" };

/** One call, drawn by the dice: of four, about one is as the SDKs would send it. */
export function drawCall(random: () => number): Call {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const template = pick(pick([runtimeCalls(pick), runtimeCalls(pick), CONTROL, ADMIN]));
  let { method, path, body, query } = template;
  for (let changes = Math.floor(random() * 3); changes > 0; changes -= 1) {
    if (query !== undefined) query = mutate(query, random) as Readonly<Record<string, unknown>>;
    else if (body !== undefined) body = mutate(body, random);
  }
  const headers: Record<string, string> = { ...SIGNED };
  if (template.target !== undefined) headers["x-amz-target"] = template.target;
  const dice = random();
  if (dice < 0.03) delete headers.authorization;
  else if (dice < 0.05)
    headers.authorization = pick(["AWS4-HMAC-SHA256", SIGNED.authorization.slice(0, 90), "Basic eDp5"]);
  else if (dice < 0.07)
    headers["content-type"] = pick(["text/csv", "application/x-www-form-urlencoded", ";"]);
  else if (dice < 0.09) method = pick(["PATCH", "POST", "PUT", "DELETE", "OPTIONS"]);
  else if (dice < 0.12) path = pick(ODD_PATHS);
  else if (dice < 0.14) headers["x-amz-target"] = pick(["SageMaker.Nothing", "PutRecord", "__proto__"]);
  const search = query === undefined ? "" : `?${toQuery(query, random)}`;
  const base = { method, path: path + search, headers };
  if (body === undefined || method === "GET") return base;
  return { ...base, body: toBytes(JSON.stringify(body) ?? "", random) };
}

/** Numerical Recipes' generator: the same numbers for the same seed. */
export function toRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

type Pick = <T>(items: readonly T[]) => T;

function runtimeCalls(pick: Pick): readonly Template[] {
  const id = pick(RECORD_IDS);
  const record = (recordId: string) => [
    { FeatureName: "customer_id", ValueAsString: recordId },
    { FeatureName: "event_time", ValueAsString: pick(TIMES) },
    { FeatureName: "count", ValueAsString: "1" },
  ];
  const key = { RecordIdentifierValueAsString: id };
  const path = pick(["/FeatureGroup/orders", `/FeatureGroup/${encodeURIComponent(ARN)}`]);
  const entry = (recordId: string) => ({
    FeatureGroupName: pick(["orders", "orders", "v2", ARN, "none"]),
    Record: record(recordId),
  });
  const Identifiers = ["orders", "v2"].map((FeatureGroupName) => ({
    FeatureGroupName,
    RecordIdentifiersValueAsString: RECORD_IDS,
  }));
  const update = { ...key, Features: record(id).slice(1), TtlDuration: TTL };
  const deletion = { ...key, EventTime: pick(TIMES), DeletionMode: pick(["HardDelete", "SoftDelete"]) };
  return [
    { method: "PUT", path, body: { Record: record(id), TtlDuration: TTL, TargetStores: ["OnlineStore"] } },
    { method: "PUT", path, body: { Record: record(id) } },
    { method: "GET", path, query: { ...key, FeatureName: "count", ExpirationTimeResponse: "Enabled" } },
    { method: "DELETE", path, query: { ...deletion, TargetStores: "OfflineStore" } },
    { method: "POST", path: "/BatchWriteRecord", body: { Entries: RECORD_IDS.map(entry), TtlDuration: TTL } },
    { method: "POST", path: "/BatchWriteRecord", body: { Entries: RECORD_IDS.map(entry) } },
    { method: "POST", path: "/BatchGetRecord", body: { Identifiers, ExpirationTimeResponse: "Enabled" } },
    { method: "POST", path: `${path}/ListRecords`, body: { MaxResults: 5, NextToken: "" } },
    { method: "POST", path: "/FeatureGroup/v2/Record", body: update },
  ];
}

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
  DeleteFeatureGroup: { FeatureGroupName: "new" },
  DescribeFeatureMetadata: { ...GROUP, FeatureName: "count" },
  UpdateFeatureMetadata: { ...GROUP, FeatureName: "count", ParameterAdditions: [{ Key: "a", Value: "b" }] },
  AddTags: { ResourceArn: ARN, Tags: [{ Key: "a", Value: "b" }] },
  ListTags: { ResourceArn: ARN },
  DeleteTags: { ResourceArn: ARN, TagKeys: ["a"] },
}).map(([operation, body]) => ({ method: "POST", path: "/", target: `SageMaker.${operation}`, body }));

/** Of faults only those of a group that is never called, or answers in error would be no error. */
const ADMIN: readonly Template[] = [
  { method: "GET", path: "/_steward/health" },
  { method: "GET", path: "/_steward/clock" },
  { method: "PUT", path: "/_steward/clock", body: { nowMs: null } },
  { method: "GET", path: "/_steward/faults" },
  {
    method: "PUT",
    path: "/_steward/faults",
    body: { group: "uncalled", latencyMs: { p50: 1, p99: 2 }, pace: { writeUnits: 5, calls: 5 } },
  },
  { method: "PUT", path: "/_steward/faults", body: { group: "uncalled", errorRate: 0, pace: "aws" } },
  { method: "DELETE", path: "/_steward/faults", body: { group: "uncalled" } },
  { method: "GET", path: "/_steward/offline-buffer" },
  { method: "POST", path: "/_steward/offline-buffer/flush", body: {} },
];

/** The value with one of its parts, chosen at random, replaced by an odd one, taken away or doubled. */
function mutate(value: unknown, random: () => number): unknown {
  const odd = () => ODD[Math.floor(random() * ODD.length)];
  if (typeof value !== "object" || value === null || random() < 0.1) return odd();
  const keys = Object.keys(value);
  const chosen = keys[Math.floor(random() * keys.length)];
  if (chosen === undefined) return odd();
  const kept = Object.entries(value).filter(([key]) => key !== chosen || random() > 0.15);
  const copy = kept.map(([key, part]) => [key, key === chosen ? mutate(part, random) : part] as const);
  if (!Array.isArray(value)) return Object.fromEntries(copy);
  const parts = copy.map(([, part]) => part);
  return random() < 0.15 ? [...parts, ...parts] : parts;
}

function toNested(depth: number): unknown {
  return JSON.parse("[".repeat(depth) + "]".repeat(depth));
}

/** Now and then cut, or with a byte that is no UTF-8, or with a mark before it. */
function toBytes(text: string, random: () => number): Uint8Array<ArrayBuffer> {
  const dice = random();
  if (dice < 0.04) return new Uint8Array(Buffer.from(text.slice(0, Math.floor(random() * text.length))));
  if (dice < 0.06) return new Uint8Array([...Buffer.from(text.slice(0, 1_000)), 0xff]);
  return new Uint8Array(Buffer.from(dice < 0.07 ? `\ufeff${text}` : text));
}

/** Now and then with bytes that are no UTF-8, or with everything twice. */
function toQuery(query: Readonly<Record<string, unknown>>, random: () => number): string {
  const pairs = Object.entries(Object(query)).map(([name, value]) => {
    const text = (typeof value === "string" ? value : JSON.stringify(value)) ?? "";
    return `${encodeURIComponent(name)}=${encodeURIComponent(text.slice(0, 6_000).toWellFormed())}`;
  });
  const dice = random();
  if (dice < 0.05) return `${pairs.join("&")}${dice < 0.025 ? "%ff" : "%"}`;
  return (dice < 0.1 ? [...pairs, ...pairs] : pairs).join("&");
}
