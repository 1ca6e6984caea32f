import { readFileSync } from "node:fs";
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
});
