// A refresh by what a stage deploys: the API starts it, functions and batch job are bundles in processes of their own, each with
// its own environment, and the stores hold what the events say.

import { CreateStreamCommand } from "@aws-sdk/client-kinesis";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { createKinesisClient, createS3Client } from "@steward/adapters/aws";
import { type FeatureGroup, putEvents, readAll, type StoreName, toRow } from "@steward/core";
import * as features from "@steward/features";
import { OPENERS } from "@steward/functions/_account/openers.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import NEEDS from "../../stacks/needs.json" with { type: "json" };
import { accountEnvironment } from "../support/account-environment.ts";
import { awsOptions } from "../support/aws-resources.ts";
import { type BundleAccount, openBundleAccount } from "../support/bundle-account.ts";
import { startFeatureStoreForTests, type TestFeatureStore } from "../support/feature-store.ts";
import { type MiniStack, startMiniStack } from "../support/ministack.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";

const GROUP = features.customerPurchases;
const SETTINGS = { workerLifeMs: 3_000, offlineBufferMs: 100 };
/** Not asked for nothing: they fence 4,096 tags at first, read for a minute, begin runs, or are a job. */
const NOT_ASKED = new Set([
  "upkeep/guard-hot",
  "upkeep/consume-streams",
  "upkeep/attend-alarms",
  "batch/run-batch",
]);
const CALLER = { iam: { userArn: "arn:aws:iam::123456789012:user/a" } };

let ministack: MiniStack;
let redis: TestRedis;
let featureStore: TestFeatureStore;
let account: BundleAccount;
let environment: Record<string, string>;
const own = process.env;

beforeAll(async () => {
  [ministack, redis, featureStore] = await Promise.all([
    startMiniStack(),
    startRedis(),
    startFeatureStoreForTests(),
  ]);
  environment = await accountEnvironment({
    ministack: ministack.url,
    redis: redis.url,
    featureStore: featureStore.url,
    owners: [...new Set(Object.values(features).map(({ owner }) => owner))],
  });
  await createKinesisClient(awsOptions(ministack.url)).send(
    new CreateStreamCommand({ StreamName: `${environment.STEWARD_STREAM_PREFIX}activity`, ShardCount: 1 }),
  );
  account = await openBundleAccount(environment, SETTINGS);
}, 300_000);
afterAll(async () => {
  process.env = own;
  await account?.close();
  await featureStore?.close();
  await redis?.stop();
  await ministack?.stop();
});

/** A file of purchases in the bucket, by its name there. */
async function handIn(name: string, rows: readonly string[]): Promise<string> {
  const Bucket = environment.STEWARD_INCOMING_BUCKET ?? "";
  const Body = ["customer_id,date,quantity,amount", ...rows, ""].join("\n");
  const put = new PutObjectCommand({ Bucket, Key: `purchases/${name}.csv`, Body });
  await createS3Client(awsOptions(ministack.url)).send(put);
  return `s3://${Bucket}/purchases/${name}.csv`;
}

async function putOnStream(event: object): Promise<void> {
  process.env = { ...own, ...environment };
  const ports = { streams: await OPENERS.streams(), pseudonymiser: await OPENERS.pseudonymiser() };
  await putEvents(ports, features.customerActivity, [new TextEncoder().encode(JSON.stringify(event))]);
}

interface Answer {
  readonly statusCode: number;
  readonly body: string;
}

interface Request {
  readonly id?: string;
  readonly body?: object;
  /** Default: a caller whom IAM knows. */
  readonly authorizer?: object;
}

/** As API Gateway calls the function behind a route. */
async function ask(name: string, routeKey: string, request: Request = {}): Promise<Answer> {
  return (await account.call(`api/${name}`, toEvent(routeKey, request))) as Answer;
}

function toEvent(routeKey: string, { id, body, authorizer = CALLER }: Request = {}) {
  return {
    version: "2.0",
    routeKey,
    headers: { "content-type": "application/json" },
    ...(id !== undefined && { pathParameters: { id } }),
    ...(body !== undefined && { body: JSON.stringify(body) }),
    isBase64Encoded: false,
    requestContext: { requestId: "r", authorizer },
  };
}

/** The run as it ended. */
async function refresh(asOf: string, input: string) {
  const body = { group: GROUP.name, asOf, inputs: [input] };
  const started = await ask("refreshes-create", "POST /refreshes", { body });
  const { runId: id } = JSON.parse(started.body);
  expect([started.statusCode, id]).toEqual([202, expect.any(String)]);
  await account.settled("refresh", `${id}-1`);
  return JSON.parse((await ask("run-get", "GET /runs/{id}", { id })).body);
}

async function rowsIn(store: StoreName, group: FeatureGroup = GROUP): Promise<readonly object[]> {
  process.env = { ...own, ...environment };
  const { ledger, objects, offlineFiles, onlineStore, hotStore, pseudonymiser } = OPENERS;
  const ports = {
    ledger: await ledger(),
    objects: await objects(),
    offlineFiles: await offlineFiles(),
    onlineStore: await onlineStore(),
    hotStore: await hotStore(),
    pseudonymiser: await pseudonymiser(),
  };
  const rows: object[] = [];
  for await (const page of readAll(ports, group, store))
    rows.push(...page.map((record) => toRow(group, record)));
  return rows;
}

describe("what a stage deploys", () => {
  it("answers the API to a caller whom IAM knows, and its health to anybody", async () => {
    const groups = await ask("groups-list", "GET /groups");
    const refused = await ask("groups-list", "GET /groups", { authorizer: {} });
    const health = await ask("health-get", "GET /health", { authorizer: {} });

    expect([groups.statusCode, refused.statusCode, health.statusCode]).toEqual([200, 401, 200]);
    expect(JSON.parse(groups.body).groups).toHaveLength(Object.keys(features).length);
    expect(JSON.parse(refused.body)).toMatchObject({ error: { name: "UnauthorizedError" } });
    expect(JSON.parse(health.body)).toMatchObject({ ok: true });
  });

  it("refreshes a group, and the three stores hold what its events say", async () => {
    const input = await handIn("a", [
      "00001,1997-08-20,2,30.00",
      "00001,1997-09-28,1,11.77",
      "00042,1997-01-12,1,12.00",
    ]);

    const run = await refresh("1997-10-01T00:00:00Z", input);

    expect(run).toMatchObject({ outcome: "succeeded", error: null });
    expect(run.report.counts).toMatchObject({ read: 3, setAside: 0, planned: 2, written: 2 });
    expect(account.jobs.map(({ step, exitCode }) => [step, exitCode])).toEqual([
      ["append", 0],
      ["compute", 0],
    ]);
    const rows = await rowsIn("offline");
    expect(rows).toMatchObject([
      {
        recordId: "00001",
        features: {
          orders_30d: 1,
          orders_90d: 2,
          spend_90d: 41.77,
          last_ordered_at: "1997-09-28T00:00:00.000Z",
        },
      },
      { recordId: "00042", features: { orders_90d: 0, last_ordered_at: "1997-01-12T00:00:00.000Z" } },
    ]);
    expect(await rowsIn("online")).toEqual(rows);
    expect(await rowsIn("hot")).toEqual(rows);

    const events = await ask("run-events", "GET /runs/{id}/events", { id: run.runId });
    expect(events.statusCode).toBe(200);
    expect(events.body).toMatch(/^event: progress\n.*\n\nevent: end\n/);
  }, 120_000);

  it("reads a stream for as long as its schedule says, call after call, until the stores hold its events", async () => {
    await putOnStream({ customer_id: "00007", seen_at: new Date().toISOString(), page: "cart" });

    const readOn = async () => {
      await account.call("upkeep/consume-streams", { readSeconds: 2 });
      return rowsIn("hot", features.customerActivity);
    };
    await expect
      .poll(readOn, { timeout: 60_000 })
      .toMatchObject([{ recordId: "00007", features: { last_page: "cart" } }]);

    expect(await rowsIn("online", features.customerActivity)).toEqual(
      await rowsIn("hot", features.customerActivity),
    );
  }, 120_000);

  it("rebuilds the stores, then erases a person from every copy, with a signed certificate", async () => {
    const begun = await ask("rebuilds-create", "POST /rebuilds", { body: { group: GROUP.name } });
    const { runId } = JSON.parse(begun.body);
    await account.settled("rebuild", `${runId}-1`);
    const rebuilt = await ask("run-get", "GET /runs/{id}", { id: runId });
    expect(JSON.parse(rebuilt.body)).toMatchObject({
      outcome: "succeeded",
      report: { verify: { compared: 2, missing: 0, stale: 0, different: 0 } },
    });

    const body = { entity: "customer", ids: ["00042"] };
    const accepted = await ask("erasures-create", "POST /erasures", { body });
    const { requestId: id } = JSON.parse(accepted.body);
    await account.settled("erasure", `${id}-1`);

    const certificate = await ask("erasure-certificate", "GET /erasures/{id}/certificate", { id });
    expect(JSON.parse(certificate.body)).toMatchObject({
      subjects: [{ outcome: "erased" }],
      scan: { found: 0 },
      signature: { algorithm: "ECDSA_P256_SHA256" },
    });
    for (const store of ["offline", "online", "hot"] as const)
      expect(await rowsIn(store)).toMatchObject([{ recordId: "00001" }]);
  }, 120_000);

  it("fails the run with the words of its job that cannot compute, none of which is a cell of what it read", async () => {
    // Each fits; all of them together are more than 2 to the power of 63.
    const rows = Array.from({ length: 1_100 }, () => "00077,1997-09-30,9007199254740991,1.00");

    const run = await refresh("1997-10-03T00:00:00Z", await handIn("c", rows));

    expect(run).toMatchObject({ outcome: "failed", error: { name: "DataRejectedError" } });
    expect(run.error.message).toMatch(/: a value does not fit the type it is computed in$/);
    const job = account.jobs.at(-1);
    expect(job).toMatchObject({ step: "compute", exitCode: 1 });
    expect(JSON.parse(job?.stdout ?? "")).toMatchObject({ tries: 1, error: "DataRejectedError" });
    expect(job?.stderr).toContain(`RuntimeError: the batch job failed: ${job?.stdout}`);
    expect(await everythingSaid(run)).not.toMatch(/00001|00042|00077|9007199254740991|9907919180215090100/);
  }, 120_000);

  it("opens every other function by its own environment, and each says what it was not told", async () => {
    const called = account.called();
    const others = Object.keys(NEEDS).filter((name) => !called.has(name) && !NOT_ASKED.has(name));
    const left = [...others];
    const answers: Record<string, unknown> = {};
    const askOneByOne = async () => {
      for (let name = left.pop(); name !== undefined; name = left.pop())
        answers[name] = await askForNothing(name);
    };

    await Promise.all([askOneByOne(), askOneByOne()]);

    expect(others.length).toBeGreaterThan(15);
    expect(answers).toEqual(Object.fromEntries(others.map((name) => [name, answerToNothing(name)])));
  }, 120_000);
});

/** What a step says; of a route, which status it answers with. */
async function askForNothing(name: string): Promise<unknown> {
  if (!name.startsWith("api/")) return account.callOnce(name, {}).catch(({ message }: Error) => message);
  const { statusCode } = (await account.callOnce(name, toEvent("GET /", { id: "none", body: {} }))) as Answer;
  return statusCode;
}

/** A step misses its run, a route what it is about, or nothing; what looks at what is due finds nothing to do. */
function answerToNothing(name: string): unknown {
  const [folder, file = ""] = name.split("/");
  if (folder === "upkeep") return null;
  if (folder === "api") return expect.toBeOneOf([200, 400, 404]);
  return expect.stringMatching(`^${file}: runId: `);
}

async function everythingSaid(run: object): Promise<string> {
  return [JSON.stringify(run), JSON.stringify(account.jobs), await account.logs()].join("\n");
}
