import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { JsonlMetrics } from "@steward/adapters";
import { type MetricPoint, toEpochMs } from "@steward/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";

describe("JsonlMetrics", () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = makeTemporaryFolder();
    file = join(folder, "state", "metrics.jsonl");
  });

  afterEach(() => {
    removeFolder(folder);
  });

  const written: MetricPoint = {
    name: "recordsWritten",
    value: 23_570,
    unit: "Count",
    dimensions: { group: "customer-purchases", store: "hot" },
    atMs: toEpochMs(Date.UTC(1997, 9, 1)),
  };

  it("appends one line a point, in order, over calls and instances", async () => {
    await new JsonlMetrics({ file }).put([written, { ...written, name: "second" }]);
    await new JsonlMetrics({ file }).put([{ ...written, name: "third" }]);

    const lines = readFileSync(file, "utf8").split("\n");

    expect(lines).toHaveLength(4);
    expect(lines[0]).toBe(
      '{"name":"recordsWritten","value":23570,"unit":"Count","dimensions":{"group":"customer-purchases","store":"hot"},"at":"1997-10-01T00:00:00.000Z"}',
    );
    expect(lines.slice(1, 3).map((line) => JSON.parse(line).name)).toEqual(["second", "third"]);
    expect(lines[3]).toBe("");
  });

  it("refuses what is no finite number, and the points beside it", async () => {
    const metrics = new JsonlMetrics({ file });
    await metrics.put([written]);

    await expect(metrics.put([written, { ...written, value: Number.NaN }])).rejects.toThrow(/finite/);
    expect(readFileSync(file, "utf8").split("\n")).toHaveLength(2);
  });

  describe("read back", () => {
    const minute = (count: number) => toEpochMs(Date.UTC(2026, 10, 25, 12, count));
    const age = (value: number, count: number, side = "hot"): MetricPoint => ({
      name: "FreshnessAge",
      value,
      unit: "Seconds",
      dimensions: { group: "customer-loyalty", side },
      atMs: minute(count),
    });
    const hot = { name: "FreshnessAge", dimensions: { side: "hot", group: "customer-loyalty" } };

    it("gives each query its own points from an instant on, in the order in which they were put", async () => {
      const metrics = new JsonlMetrics({ file });
      await metrics.put([age(1, 0), age(2, 1), age(9, 1, "online")]);
      await metrics.put([age(3, 2), { ...age(8, 2), name: "SampleDifferences" }]);

      const online = { ...hot, dimensions: { ...hot.dimensions, side: "online" } };

      expect(await metrics.read([hot, online], minute(1))).toEqual([
        [
          { value: 2, atMs: minute(1) },
          { value: 3, atMs: minute(2) },
        ],
        [{ value: 9, atMs: minute(1) }],
      ]);
    });

    it("knows nothing where nothing was put", async () => {
      expect(await new JsonlMetrics({ file }).read([hot], minute(0))).toEqual([[]]);
    });

    it("takes dimensions as a whole: one more is another metric", async () => {
      const metrics = new JsonlMetrics({ file });
      await metrics.put([{ ...age(1, 0), dimensions: { ...age(1, 0).dimensions, region: "north" } }]);

      expect(await metrics.read([hot], minute(0))).toEqual([[]]);
    });

    it("reads over any number of blocks, names beyond ASCII too, and stops at the first that is older", async () => {
      const metrics = new JsonlMetrics({ file });
      const named = { name: "FreshnessAge", dimensions: { group: "größe", side: "hot" } };
      const points = Array.from({ length: 3_000 }, (_, index) => ({
        ...age(index, index),
        dimensions: named.dimensions,
      }));
      await metrics.put(points);

      const [found] = await metrics.read([named], minute(10));

      expect(found?.map(({ value }) => value)).toEqual(points.slice(10).map(({ value }) => value));
    });

    it("passes over a line that another process has not finished", async () => {
      const metrics = new JsonlMetrics({ file });
      await metrics.put([age(1, 0)]);
      appendFileSync(file, '{"name":"Freshn');

      expect(await metrics.read([hot], minute(0))).toEqual([[{ value: 1, atMs: minute(0) }]]);
    });
  });
});
