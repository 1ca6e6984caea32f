import { forecastRebuild } from "@steward/core";
import { describe, expect, it } from "vitest";

const CDNOW = {
  recordCount: 23_570,
  valueBytes: 23_570 * 250,
  targets: ["online", "hot"],
  chunkRecords: 4_096,
  unitsPerSecond: 1_000,
} as const;

describe("forecastRebuild", () => {
  it("takes the pace for the time: 23,570 records at 1,000 units a second are 24 s, in 6 chunks", () => {
    expect(forecastRebuild(CDNOW)).toMatchObject({
      records: 23_570,
      chunks: 6,
      bytes: 5_892_500,
      seconds: 24,
    });
  });

  it("counts a record of more than 1 KB as several write units", () => {
    const { seconds, costs } = forecastRebuild({ ...CDNOW, valueBytes: 23_570 * 1_025 });

    expect(seconds).toBe(48);
    expect(costs.find(({ item }) => item === "Feature Store online writes")).toMatchObject({
      quantity: 47_140,
    });
  });

  it("asks nothing of Feature Store where the hot store alone is written, and no pace holds it", () => {
    const { seconds, costs } = forecastRebuild({ ...CDNOW, targets: ["hot"] });

    expect(seconds).toBe(2);
    expect(costs.filter(({ item, total }) => item.startsWith("Feature Store") && total > 0)).toEqual([]);
  });

  it("adds up what it says of each item, at the price it states", () => {
    const { dollars, costs } = forecastRebuild(CDNOW);

    expect(dollars).toBeCloseTo(
      costs.reduce((sum, { total }) => sum + total, 0),
      12,
    );
    expect(costs.find(({ item }) => item === "Feature Store online writes")?.total).toBeCloseTo(0.0294625, 9);
    expect(costs.find(({ item }) => item === "Glue")?.total).toBeCloseTo((0.44 * 2) / 60, 9);
  });

  it("says of 30 TB what it is: at 1,000 units a second, most of a year", () => {
    const { seconds } = forecastRebuild({ ...CDNOW, recordCount: 3e10, valueBytes: 3e13 });

    expect(seconds / 86_400).toBeGreaterThan(300);
  });

  it("costs next to nothing where there is nothing", () => {
    expect(forecastRebuild({ ...CDNOW, recordCount: 0, valueBytes: 0 })).toMatchObject({
      chunks: 0,
      seconds: 0,
    });
  });
});
