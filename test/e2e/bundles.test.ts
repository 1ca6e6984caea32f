// A refresh by what a stage deploys: the API starts it, functions and batch job are bundles in processes of their own, each with
// its own environment, and the stores hold what the events say.

import { PutObjectCommand } from "@aws-sdk/client-s3";
import { createS3Client } from "@steward/adapters/aws";
import { readAll, type StoreName, toRow } from "@steward/core";
import * as features from "@steward/features";
import { OPENERS } from "@steward/functions/_account/openers.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accountEnvironment } from "../support/account-environment.ts";
import { awsOptions } from "../support/aws-resources.ts";
import { type BundleAccount, openBundleAccount } from "../support/bundle-account.ts";
import { startFeatureStoreForTests, type TestFeatureStore } from "../support/feature-store.ts";
import { type MiniStack, startMiniStack } from "../support/ministack.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";

const GROUP = features.customerPurchases;
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
  account = await openBundleAccount(environment);
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

interface Request {
  readonly id?: string;
  readonly body?: object;
  /** Default: a caller whom IAM knows. */
  readonly authorizer?: object;
}

/** As API Gateway calls the function behind a route. */
async function ask(name: string, routeKey: string, { id, body, authorizer = CALLER }: Request = {}) {
  const answer = await account.call(`api/${name}`, {
    version: "2.0",
    routeKey,
    headers: { "content-type": "application/json" },
    ...(id !== undefined && { pathParameters: { id } }),
    ...(body !== undefined && { body: JSON.stringify(body) }),
    isBase64Encoded: false,
    requestContext: { requestId: "r", authorizer },
  });
  return answer as { readonly statusCode: number; readonly body: string };
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

async function rowsIn(store: StoreName): Promise<readonly object[]> {
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
  for await (const page of readAll(ports, GROUP, store))
    rows.push(...page.map((record) => toRow(GROUP, record)));
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
  }, 60_000);

  it("keeps what a function says of a refused file: its words have no cell of it", async () => {
    const run = await refresh("1997-10-02T00:00:00Z", await handIn("b", ["00042,1997-09-29,two,1.00"]));

    expect(run).toMatchObject({ outcome: "failed", error: { name: "DataRejectedError" } });
    expect(run.error.message).toContain("1 of 1 rows break a rule");
    expect(await everythingSaid(run)).not.toMatch(/00042|two/);
  }, 60_000);

  it("fails the run whose job cannot compute, and the job ends so without a cell of what it read", async () => {
    // Each fits; all of them together are more than 2 to the power of 63.
    const rows = Array.from({ length: 1_100 }, () => "00042,1997-09-30,9007199254740991,1.00");

    const run = await refresh("1997-10-03T00:00:00Z", await handIn("c", rows));

    expect(run).toMatchObject({ outcome: "failed", error: { name: "States.TaskFailed" } });
    const job = account.jobs.at(-1);
    expect(job).toMatchObject({ step: "compute", exitCode: 1 });
    expect(JSON.parse(job?.stdout ?? "")).toMatchObject({ tries: 1, error: "DataRejectedError" });
    expect(job?.stderr).toBe(`the batch job failed: ${job?.stdout}`);
    expect(await everythingSaid(run)).not.toMatch(/00042|9007199254740991|9907919180215090100/);
  }, 60_000);
});

async function everythingSaid(run: object): Promise<string> {
  return [JSON.stringify(run), JSON.stringify(account.jobs), await account.logs()].join("\n");
}
