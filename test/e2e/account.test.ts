// The scenario of CDNOW on the AWS adapters and on the embedded ones: refresh, rebuild, erasure, API. What the stores hold
// at the end is the same to the byte.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { createS3Client } from "@steward/adapters/aws";
import {
  acceptErasure,
  type ControlPorts,
  findCertificate,
  type Run,
  readAll,
  type StoreName,
  startRebuild,
  startRefresh,
  toRow,
} from "@steward/core";
import { customerPurchases } from "@steward/features";
import { getGroups } from "@steward/functions/api/groups-list.ts";
import { getRuns } from "@steward/functions/api/runs-list.ts";
import { s3Sink } from "steward-feature-store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accountEnvironment } from "../support/account-environment.ts";
import { type AccountPlatform, openAccountPlatform } from "../support/account-platform.ts";
import { AWS_OPTIONS, awsOptions } from "../support/aws-resources.ts";
import { startFeatureStoreForTests, type TestFeatureStore } from "../support/feature-store.ts";
import { type MiniStack, startMiniStack } from "../support/ministack.ts";
import { at, makeStateDir, openTestPlatform, removeStateDir } from "../support/platform.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";

const GROUP = customerPurchases.name;
const CDNOW = resolve("data/cdnow.csv");
const STORES = ["offline", "online", "hot"] as const;
const SETTINGS = { workerLifeMs: 3_000, offlineBufferMs: 100 };

interface Doing {
  readonly ports: ControlPorts;
  settled(run: Run): Promise<Run>;
}

/** What stands in the stores after each step. */
async function runScenario({ ports, settled }: Doing, input: string) {
  const refreshed = await settled(
    await startRefresh(ports, { group: GROUP, asOfMs: at("1997-10-01"), inputs: [input] }),
  );
  const afterRefresh = await exportAll(ports);
  const rebuilt = await settled(await startRebuild(ports, { group: GROUP, asOfMs: undefined }));
  const { run } = await acceptErasure(ports, { entity: "customer", identifiers: ["00042"] });
  const erased = await settled(run);
  const certificate = await findCertificate(ports, run.runId);
  return {
    outcomes: [refreshed, rebuilt, erased].map(({ outcome }) => outcome),
    failures: [rebuilt, erased].filter(({ outcome }) => outcome === "failed").map(({ report }) => report),
    counts: refreshed.report?.counts,
    afterRefresh,
    afterErasure: await exportAll(ports),
    scan: certificate?.scan.found,
    subjects: certificate?.subjects.map(({ outcome }) => outcome),
  };
}

async function exportAll(ports: ControlPorts): Promise<Readonly<Record<StoreName, string>>> {
  const texts: Partial<Record<StoreName, string>> = {};
  for (const store of STORES) {
    const lines: string[] = [];
    for await (const page of readAll(ports, customerPurchases, store))
      for (const record of page) lines.push(JSON.stringify(toRow(customerPurchases, record)));
    texts[store] = lines.join("\n");
  }
  return texts as Record<StoreName, string>;
}

describe("the scenario of CDNOW on the AWS adapters", () => {
  let ministack: MiniStack;
  let redis: TestRedis;
  let featureStore: TestFeatureStore;
  let account: AccountPlatform;
  let onAws: Awaited<ReturnType<typeof runScenario>>;
  const own = process.env;

  beforeAll(async () => {
    ministack = await startMiniStack();
    redis = await startRedis();
    const { region, credentials } = AWS_OPTIONS;
    featureStore = await startFeatureStoreForTests({
      offlineSink: s3Sink({ endpoint: ministack.url, region, ...credentials }),
      offlineDelayMs: 50,
    });
    const environment = await accountEnvironment({
      ministack: ministack.url,
      redis: redis.url,
      featureStore: featureStore.url,
      owners: [customerPurchases.owner],
    });
    process.env = { ...own, ...environment };
    const Bucket = environment.STEWARD_INCOMING_BUCKET ?? "";
    await createS3Client(awsOptions(ministack.url)).send(
      new PutObjectCommand({ Bucket, Key: "purchases/cdnow.csv", Body: readFileSync(CDNOW) }),
    );
    account = await openAccountPlatform([customerPurchases], SETTINGS);
    onAws = await runScenario(account, `s3://${Bucket}/purchases/cdnow.csv`);
  }, 600_000);

  afterAll(async () => {
    process.env = own;
    await account?.close();
    await featureStore?.close();
    await redis?.stop();
    await ministack?.stop();
  });

  it("refreshes, rebuilds, and erases one person with a certificate", () => {
    expect(onAws).toMatchObject({
      outcomes: ["succeeded", "succeeded", "certified"],
      counts: { read: 69_659, setAside: 0, planned: 23_570, written: 23_570 },
      scan: 0,
      subjects: ["erased"],
    });
    expect(onAws.afterRefresh.hot.split("\n")).toHaveLength(23_570);
    expect(onAws.afterErasure.hot.split("\n")).toHaveLength(23_569);
  });

  it("ends with the same bytes in every store as on the embedded adapters", async () => {
    const stateDir = makeStateDir();
    const embedded = await openTestPlatform(stateDir, { groups: [customerPurchases], settings: SETTINGS });
    try {
      expect(onAws).toEqual(await runScenario(embedded, CDNOW));
    } finally {
      await embedded.close();
      await removeStateDir(stateDir);
    }
  }, 120_000);

  it("answers the API with what its functions were given", async () => {
    const ask = (routeKey: string) => ({
      version: "2.0",
      routeKey,
      headers: {},
      isBase64Encoded: false,
      requestContext: { requestId: "r", authorizer: { iam: { userArn: "arn:aws:iam::1:user/a" } } },
    });
    const groups = await account.as("api/groups-list", () => getGroups.handler(ask("GET /groups"), {}));
    const runs = await account.as("api/runs-list", () => getRuns.handler(ask("GET /runs"), {}));

    expect([groups.statusCode, runs.statusCode]).toEqual([200, 200]);
    expect(JSON.parse(String(groups.body)).groups).toMatchObject([{ group: GROUP }]);
    expect(JSON.parse(String(runs.body)).runs).toHaveLength(3);
  });
});
