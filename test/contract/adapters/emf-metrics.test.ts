// Figures as lines of the embedded metric format, held against its specification: the schema below is written from
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html.

import { EmfMetrics } from "@steward/adapters/aws";
import { type MetricPoint, toEpochMs } from "@steward/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const name = z.string().min(1).max(1_024);
const dimension = z.string().min(1).max(250);
const UNITS = ["Seconds", "Milliseconds", "Bytes", "Count", "None"] as const;
const directive = z.strictObject({
  Namespace: name,
  Dimensions: z.array(z.array(dimension).max(30)).min(1),
  Metrics: z
    .array(
      z.strictObject({
        Name: name,
        Unit: z.enum(UNITS).optional(),
        StorageResolution: z.union([z.literal(1), z.literal(60)]).optional(),
      }),
    )
    .max(100),
});
const specification = z
  .looseObject({
    _aws: z.strictObject({ Timestamp: z.int(), CloudWatchMetrics: z.array(directive) }),
  })
  .superRefine((root, context) => {
    // Target members lie at the root: a dimension's is text, a metric's a number.
    for (const { Dimensions, Metrics } of root._aws.CloudWatchMetrics) {
      for (const each of Dimensions.flat())
        if (!z.string().min(1).max(1_024).safeParse(root[each]).success)
          context.addIssue(`dimension ${each} has no text`);
      for (const { Name } of Metrics)
        if (!z.number().safeParse(root[Name]).success) context.addIssue(`metric ${Name} has no number`);
    }
  });

const aPoint = (given: Partial<MetricPoint> = {}): MetricPoint => ({
  name: "FreshnessAge",
  value: 42.5,
  unit: "Seconds",
  dimensions: { group: "customer-loyalty", side: "hot" },
  atMs: toEpochMs(1_764_072_000_000),
  ...given,
});

async function linesOf(points: readonly MetricPoint[]): Promise<readonly string[]> {
  const lines: string[] = [];
  await new EmfMetrics({ write: (line) => lines.push(line) }).put(points);
  return lines;
}

/** All that CloudWatch would take out of the lines: name, unit, value, dimensions, instant. */
async function takenFrom(points: readonly MetricPoint[]): Promise<readonly MetricPoint[]> {
  return (await linesOf(points)).flatMap((line) => {
    const root = specification.parse(JSON.parse(line));
    return root._aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) =>
      Metrics.map(({ Name, Unit }) => ({
        name: Name,
        value: root[Name] as number,
        unit: Unit as MetricPoint["unit"],
        dimensions: Object.fromEntries((Dimensions[0] ?? []).map((each) => [each, root[each] as string])),
        atMs: toEpochMs(root._aws.Timestamp),
      })),
    );
  });
}

describe("EmfMetrics", () => {
  it("writes one document a line, in the namespace Steward", async () => {
    expect(await linesOf([aPoint()])).toEqual([
      '{"_aws":{"Timestamp":1764072000000,"CloudWatchMetrics":[{"Namespace":"Steward","Dimensions":[["group","side"]],"Metrics":[{"Name":"FreshnessAge","Unit":"Seconds"}]}]},"group":"customer-loyalty","side":"hot","FreshnessAge":42.5}\n',
    ]);
  });

  it("puts what shares instant and dimensions, in any order, into one document", async () => {
    const points = [
      aPoint(),
      aPoint({ name: "SampleDifferences", unit: "Count", value: 0 }),
      aPoint({
        name: "Bytes",
        unit: "Bytes",
        value: 1,
        dimensions: { side: "hot", group: "customer-loyalty" },
      }),
    ];

    expect(await linesOf(points)).toHaveLength(1);
    expect(await takenFrom(points)).toEqual(points);
  });

  it("keeps apart other dimensions, other instants, and the same metric twice", async () => {
    const points = [
      aPoint(),
      aPoint({ dimensions: { group: "customer-loyalty", side: "online" } }),
      aPoint({ dimensions: {} }),
      aPoint({ atMs: toEpochMs(1_764_072_000_001) }),
      aPoint({ value: 43 }),
    ];

    const taken = await takenFrom(points);

    expect(taken).toHaveLength(5);
    expect(taken).toEqual(expect.arrayContaining(points));
  });

  it("puts at most a hundred metrics into a document, and loses none", async () => {
    const points = Array.from({ length: 250 }, (_, index) => aPoint({ name: `metric ${index}` }));

    expect(await linesOf(points)).toHaveLength(3);
    expect(await takenFrom(points)).toEqual(points);
  });

  it.each([
    ["no finite number", { value: Number.NaN }],
    ["a name without a character", { name: "" }],
    ["a name that the format has itself", { name: "_aws" }],
    ["a name that a dimension has too", { name: "group" }],
    ["a dimension without a value", { dimensions: { group: "" } }],
    ["a dimension of more than 1,024 characters", { dimensions: { group: "x".repeat(1_025) } }],
    [
      "31 dimensions",
      { dimensions: Object.fromEntries(Array.from({ length: 31 }, (_, index) => [`d${index}`, "x"])) },
    ],
  ])("refuses %s, and the points beside it", async (_, given) => {
    const lines: string[] = [];
    const metrics = new EmfMetrics({ write: (line) => lines.push(line) });

    await expect(metrics.put([aPoint(), aPoint(given)])).rejects.toMatchObject({ name: "InvalidInputError" });
    expect(lines).toEqual([]);
  });

  it("writes nothing where nothing is put", async () => {
    expect(await linesOf([])).toEqual([]);
  });
});
