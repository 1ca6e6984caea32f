// Figures read back from CloudWatch, on MiniStack. It takes any number of queries and pages nothing: for these two rules the
// client is answered by the test, in the shapes of https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html.

import {
  type CloudWatchClient,
  type GetMetricDataCommandInput,
  type GetMetricDataCommandOutput,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { CloudWatchMetricHistory, createCloudWatchClient } from "@steward/adapters/aws";
import { type EpochMs, type MetricQuery, toEpochMs } from "@steward/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AWS_OPTIONS, awsOptions, uniqueName } from "../../support/aws-resources.ts";
import { type MiniStack, startMiniStack } from "../../support/ministack.ts";

const MINUTE_MS = 60_000;
const thisMinuteMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
const minute = (ago: number, plusMs = 0) => toEpochMs(thisMinuteMs - ago * MINUTE_MS + plusMs);
const clock = { now: () => toEpochMs(thisMinuteMs + 1_000) };
const hot: MetricQuery = { name: "FreshnessAge", dimensions: { side: "hot", group: "customer-loyalty" } };

let ministack: MiniStack;
beforeAll(async () => {
  ministack = await startMiniStack();
}, 300_000);
afterAll(() => ministack.stop());

async function put(
  namespace: string,
  { name, dimensions }: MetricQuery,
  points: readonly (readonly [number, EpochMs])[],
): Promise<void> {
  await createCloudWatchClient(awsOptions(ministack.url)).send(
    new PutMetricDataCommand({
      Namespace: namespace,
      MetricData: points.map(([Value, atMs]) => ({
        MetricName: name,
        // In another order than the query's.
        Dimensions: Object.entries(dimensions)
          .reverse()
          .map(([Name, text]) => ({ Name, Value: text })),
        Value,
        Unit: "Seconds",
        Timestamp: new Date(atMs),
      })),
    }),
  );
}

const historyOf = (namespace: string) =>
  new CloudWatchMetricHistory({
    client: createCloudWatchClient(awsOptions(ministack.url)),
    clock,
    namespace,
  });

describe("CloudWatchMetricHistory", () => {
  it("gives each query its own points from an instant on, the oldest first", async () => {
    const namespace = uniqueName("Steward");
    const online = { ...hot, dimensions: { ...hot.dimensions, side: "online" } };
    await put(namespace, hot, [
      [1, minute(0)],
      [3, minute(2)],
      [4, minute(3)],
    ]);
    await put(namespace, online, [[9, minute(1)]]);

    expect(await historyOf(namespace).read([hot, online, hot], minute(2))).toEqual([
      [
        { value: 3, atMs: minute(2) },
        { value: 1, atMs: minute(0) },
      ],
      [{ value: 9, atMs: minute(1) }],
      [
        { value: 3, atMs: minute(2) },
        { value: 1, atMs: minute(0) },
      ],
    ]);
  });

  it("gives the worst of a minute, dated at its beginning, and no minute that began before", async () => {
    const namespace = uniqueName("Steward");
    await put(namespace, hot, [
      [5, minute(2, 30_000)],
      [7, minute(1, 10_000)],
      [2, minute(1, 40_000)],
    ]);

    expect(await historyOf(namespace).read([hot], minute(2, 10_000))).toEqual([
      [{ value: 7, atMs: minute(1) }],
    ]);
  });

  it("knows nothing where nothing was put, and takes dimensions as a whole", async () => {
    const namespace = uniqueName("Steward");
    await put(namespace, { ...hot, dimensions: { ...hot.dimensions, region: "north" } }, [[1, minute(0)]]);

    expect(await historyOf(namespace).read([hot], minute(5))).toEqual([[]]);
    expect(await historyOf(namespace).read([], minute(5))).toEqual([]);
  });

  it("asks 500 queries a call, and follows the pages of each", async () => {
    const asked: GetMetricDataCommandInput[] = [];
    const client = answeredBy(async (input) => {
      asked.push(input);
      const queries = input.MetricDataQueries ?? [];
      const isFirst = input.NextToken === undefined;
      return {
        MetricDataResults: queries.map(({ Id }) => ({
          Id,
          Timestamps: [new Date(minute(isFirst ? 2 : 1))],
          Values: [Number(Id?.slice(1))],
          StatusCode: isFirst ? "PartialData" : "Complete",
        })),
        ...(isFirst ? { NextToken: "more" } : {}),
        $metadata: {},
      };
    });
    const queries = Array.from({ length: 501 }, (_, index) => ({ ...hot, name: `metric ${index}` }));

    const found = await new CloudWatchMetricHistory({ client, clock }).read(queries, minute(5));

    expect(asked.map((input) => [input.MetricDataQueries?.length, input.NextToken])).toEqual([
      [500, undefined],
      [500, "more"],
      [1, undefined],
      [1, "more"],
    ]);
    expect(found).toHaveLength(501);
    expect(found[499]).toEqual([
      { value: 499, atMs: minute(2) },
      { value: 499, atMs: minute(1) },
    ]);
    expect(found[500]?.map(({ value }) => value)).toEqual([0, 0]);
  });

  it("takes no half of an answer for a whole one, and says that CloudWatch does not answer", async () => {
    const half = answeredBy(async () => ({
      MetricDataResults: [{ Id: "q0", Timestamps: [], Values: [], StatusCode: "InternalError" }],
      $metadata: {},
    }));
    const nowhere = createCloudWatchClient({ ...AWS_OPTIONS, endpoint: "http://127.0.0.1:9" });

    for (const client of [half, nowhere])
      await expect(
        new CloudWatchMetricHistory({ client, clock }).read([hot], minute(5)),
      ).rejects.toMatchObject({ name: "UnavailableError" });
  });
});

function answeredBy(
  answer: (input: GetMetricDataCommandInput) => Promise<GetMetricDataCommandOutput>,
): CloudWatchClient {
  const client = createCloudWatchClient(AWS_OPTIONS);
  client.middlewareStack.add(
    () => async (args) => ({
      output: await answer(args.input as GetMetricDataCommandInput),
      response: undefined,
    }),
    { step: "initialize" },
  );
  return client;
}
