// Decides how figures are read back from CloudWatch: the worst of each minute, in as few calls as may be.
// Leaves what they mean to core, and alarms to CloudWatch itself.

import {
  CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
  type MetricDataResult,
} from "@aws-sdk/client-cloudwatch";
import {
  type Clock,
  type EpochMs,
  type MetricHistory,
  type MetricQuery,
  type MetricReading,
  toEpochMs,
  UnavailableError,
} from "@steward/core";
import { toCallError } from "../aws/call-failure.ts";
import { type AwsClientOptions, BRIEF_CALLS, clientSettings } from "../aws/client-settings.ts";
import { METRIC_NAMESPACE } from "./emf-metrics.ts";

export interface CloudWatchMetricHistoryOptions {
  readonly client: CloudWatchClient;
  readonly clock: Clock;
  readonly namespace?: string;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html, read 2026-11-25. */
const QUERIES_A_CALL = 500;
/** What is not of high resolution is kept by the minute, for 15 days. */
const PERIOD_SECONDS = 60;
const MINUTE_MS = 60_000;

export function createCloudWatchClient(options: AwsClientOptions = {}): CloudWatchClient {
  return new CloudWatchClient(clientSettings(options, BRIEF_CALLS));
}

export class CloudWatchMetricHistory implements MetricHistory {
  readonly #client: CloudWatchClient;
  readonly #clock: Clock;
  readonly #namespace: string;

  constructor({ client, clock, namespace = METRIC_NAMESPACE }: CloudWatchMetricHistoryOptions) {
    this.#client = client;
    this.#clock = clock;
    this.#namespace = namespace;
  }

  /** One reading a minute, the greatest value of it, dated at its beginning: up to a minute before it was put. What was put is
   * seen a minute or two later. `fromMs` at most 15 days back. @throws UnavailableError, also where an answer is not whole. */
  async read(
    queries: readonly MetricQuery[],
    fromMs: EpochMs,
  ): Promise<readonly (readonly MetricReading[])[]> {
    const found: (readonly MetricReading[])[] = [];
    for (let start = 0; start < queries.length; start += QUERIES_A_CALL) {
      const some = queries.slice(start, start + QUERIES_A_CALL);
      found.push(...(await this.#readSome(some, fromMs)));
    }
    return found;
  }

  async #readSome(queries: readonly MetricQuery[], fromMs: EpochMs) {
    const found = queries.map((): MetricReading[] => []);
    const MetricDataQueries = queries.map((query, index) => toDataQuery(this.#namespace, query, index));
    const StartTime = new Date(fromMs);
    const EndTime = new Date(this.#clock.now() + MINUTE_MS);
    let NextToken: string | undefined;
    do {
      const page = await this.#call({
        MetricDataQueries,
        StartTime,
        EndTime,
        ScanBy: "TimestampAscending" as const,
        ...(NextToken === undefined ? {} : { NextToken }),
      });
      for (const result of page.MetricDataResults ?? [])
        found[Number(result.Id?.slice(1))]?.push(...toReadings(result, fromMs));
      NextToken = page.NextToken;
      if (NextToken === undefined) requireWhole(page.MetricDataResults ?? []);
    } while (NextToken !== undefined);
    return found.map((readings) => readings.sort((a, b) => a.atMs - b.atMs));
  }

  async #call(input: ConstructorParameters<typeof GetMetricDataCommand>[0]) {
    try {
      return await this.#client.send(new GetMetricDataCommand(input));
    } catch (error) {
      throw toCallError("metrics could not be read", error);
    }
  }
}

function toDataQuery(namespace: string, { name, dimensions }: MetricQuery, index: number): MetricDataQuery {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const Metric = { Namespace: namespace, MetricName: name, Dimensions };
  return { Id: `q${index}`, MetricStat: { Metric, Period: PERIOD_SECONDS, Stat: "Maximum" } };
}

/** The minute in which `fromMs` lies is left out: what it holds may be older. */
function toReadings({ Timestamps = [], Values = [] }: MetricDataResult, fromMs: EpochMs): MetricReading[] {
  return Timestamps.flatMap((timestamp, index) => {
    const value = Values[index];
    const atMs = timestamp.getTime();
    return value === undefined || atMs < fromMs ? [] : [{ value, atMs: toEpochMs(atMs) }];
  });
}

/** An answer says of each query whether more of it would have come. Half of a history would look like silence. */
function requireWhole(results: readonly MetricDataResult[]): void {
  const status = results.find(
    ({ StatusCode }) => StatusCode !== undefined && StatusCode !== "Complete",
  )?.StatusCode;
  if (status !== undefined) throw new UnavailableError(`metrics could not be read whole: ${status}`);
}
