// A tenant with a cluster of its own, on the AWS adapters: its values lie there alone, and an erasure reaches both.

import { PutObjectCommand } from "@aws-sdk/client-s3";
import { createS3Client } from "@steward/adapters/aws";
import {
  acceptErasure,
  decimal,
  entity,
  featureGroup,
  findCertificate,
  instant,
  readAll,
  source,
  startRefresh,
  sum,
  text,
} from "@steward/core";
import { Redis } from "ioredis";
import { s3Sink } from "steward-feature-store";
import { afterAll, beforeAll, expect, it } from "vitest";
import { accountEnvironment } from "../support/account-environment.ts";
import { type AccountPlatform, openAccountPlatform } from "../support/account-platform.ts";
import { AWS_OPTIONS, awsOptions } from "../support/aws-resources.ts";
import { startFeatureStoreForTests, type TestFeatureStore } from "../support/feature-store.ts";
import { type MiniStack, startMiniStack } from "../support/ministack.ts";
import { at } from "../support/platform.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";

const customer = entity("customer", { key: "customer_id" });
const purchases = source("purchases", {
  columns: { customer_id: text(), date: instant(), amount: decimal(10, 2) },
  eventTime: "date",
});
const groupOf = (owner: string) =>
  featureGroup(`${owner}-spend`, {
    entity: customer,
    source: purchases,
    owner,
    features: { spend: sum("amount") },
  });
const GROUPS = [groupOf("growth"), groupOf("catalog")] as const;
const SETTINGS = { workerLifeMs: 2_000, offlineBufferMs: 100 };

let ministack: MiniStack;
let shared: TestRedis;
let dedicated: TestRedis;
let featureStore: TestFeatureStore;
let account: AccountPlatform;
let input: string;
const own = process.env;

beforeAll(async () => {
  ministack = await startMiniStack();
  [shared, dedicated] = await Promise.all([startRedis(), startRedis()]);
  const { region, credentials } = AWS_OPTIONS;
  featureStore = await startFeatureStoreForTests({
    offlineSink: s3Sink({ endpoint: ministack.url, region, ...credentials }),
    offlineDelayMs: 50,
  });
  const environment = await accountEnvironment({
    ministack: ministack.url,
    redis: shared.url,
    featureStore: featureStore.url,
    owners: [],
  });
  const owners = { growth: { url: shared.url }, catalog: { url: dedicated.url } };
  const STEWARD_HOT = JSON.stringify({ pacer: { url: shared.url }, owners });
  process.env = { ...own, ...environment, STEWARD_HOT };
  const Bucket = environment.STEWARD_INCOMING_BUCKET ?? "";
  const Body = "customer_id,date,amount\n00001,2026-01-01,5.00\n00002,2026-01-01,7.00\n";
  await createS3Client(awsOptions(ministack.url)).send(
    new PutObjectCommand({ Bucket, Key: "purchases/two.csv", Body }),
  );
  input = `s3://${Bucket}/purchases/two.csv`;
  account = await openAccountPlatform(GROUPS, SETTINGS);
}, 120_000);

afterAll(async () => {
  process.env = own;
  await account?.close();
  await featureStore?.close();
  await Promise.all([shared?.stop(), dedicated?.stop()]);
  await ministack?.stop();
});

/** Owners and kinds of the keys of a server: `growth:f`. */
async function kindsOn({ port }: TestRedis): Promise<readonly string[]> {
  const client = new Redis(port);
  try {
    const keys = await client.keys("*");
    return [...new Set(keys.map((key) => key.split(":").slice(0, 2).join(":")))].sort();
  } finally {
    client.disconnect();
  }
}

async function hotIds(group: (typeof GROUPS)[number]): Promise<number> {
  let count = 0;
  for await (const page of readAll(account.ports, group, "hot")) count += page.length;
  return count;
}

it("keeps each tenant's values on its own cluster, and erases a person from both", async () => {
  const { ports, settled } = account;
  for (const { name: group } of GROUPS)
    expect(
      await settled(await startRefresh(ports, { group, asOfMs: at("2026-02-01"), inputs: [input] })),
    ).toMatchObject({ outcome: "succeeded", report: { counts: { planned: 2, written: 2 } } });
  expect(await kindsOn(dedicated)).toEqual(["catalog:f", "catalog:x"]);
  expect((await kindsOn(shared)).filter((kind) => kind.startsWith("catalog"))).toEqual([]);
  expect(await Promise.all(GROUPS.map(hotIds))).toEqual([2, 2]);

  const { run } = await acceptErasure(ports, { entity: "customer", identifiers: ["00001"] });
  expect(await settled(run)).toMatchObject({ outcome: "certified" });

  expect(await Promise.all(GROUPS.map(hotIds))).toEqual([1, 1]);
  const certificate = await findCertificate(ports, run.runId);
  expect(certificate?.scan.found).toBe(0);
  expect(await kindsOn(dedicated)).toEqual(["catalog:f", "catalog:x"]);
}, 120_000);
