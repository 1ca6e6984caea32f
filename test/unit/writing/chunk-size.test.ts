import { describe, expect, it } from "vitest";
import { chunkSizeOf } from "../../../packages/core/src/writing/chunk-size.ts";

const settings = { chunkRecords: 4_096, unitsPerSecond: undefined, workerLifeMs: 5_000 };

describe("chunkSizeOf", () => {
  it("leaves chunks as they are set where nothing is paced", () => {
    expect(chunkSizeOf(settings, null)).toBe(4_096);
  });

  it("cuts chunks that ten workers finish in their lives at the pace of the run", () => {
    expect(chunkSizeOf(settings, 2_000)).toBe(1_000);
    expect(chunkSizeOf({ ...settings, unitsPerSecond: 100_000 }, 2_000)).toBe(1_000);
  });

  it("goes by the platform's pace where the run has none", () => {
    expect(chunkSizeOf({ ...settings, unitsPerSecond: 1_000 }, undefined)).toBe(500);
  });

  it("cuts no chunk without a record", () => {
    expect(chunkSizeOf(settings, 1)).toBe(1);
  });
});
