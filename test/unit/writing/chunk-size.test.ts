import { count, latest } from "@steward/core";
import { CHUNK_WORKER } from "@steward/workflows/inventory.ts";
import { describe, expect, it } from "vitest";
import { chunkSizeOf, PARALLEL_WORKERS } from "../../../packages/core/src/writing/chunk-size.ts";
import { aFeatureGroup } from "../../support/builders.ts";

const settings = { chunkRecords: 4_096, unitsPerSecond: undefined, workerLifeMs: 5_000 };
const small = aFeatureGroup();
const wide = aFeatureGroup({
  features: Object.fromEntries(
    Array.from({ length: 60 }, (_, index) => [
      `f${index}`,
      index === 0 ? latest("channel") : count().over("30 days"),
    ]),
  ),
});

describe("chunkSizeOf", () => {
  it("leaves chunks as they are set where nothing is paced", () => {
    expect(chunkSizeOf(settings, null, small)).toBe(4_096);
  });

  it("cuts chunks that twenty workers finish in their lives at the pace of the run", () => {
    expect(chunkSizeOf(settings, 2_000, small)).toBe(500);
    expect(chunkSizeOf({ ...settings, unitsPerSecond: 100_000 }, 2_000, small)).toBe(500);
  });

  it("reckons with as many workers as an account or a machine lets write at once", () => {
    expect(PARALLEL_WORKERS).toBeGreaterThanOrEqual(CHUNK_WORKER.atOnce.account);
    expect(PARALLEL_WORKERS).toBeGreaterThanOrEqual(CHUNK_WORKER.atOnce.machine);
  });

  it("cuts smaller chunks of a group whose records weigh more: 60 + 60 × 20 + 64 − 20 and the names are two units", () => {
    expect(chunkSizeOf(settings, 2_000, wide)).toBe(250);
  });

  it("goes by the platform's pace where the run has none", () => {
    expect(chunkSizeOf({ ...settings, unitsPerSecond: 1_000 }, undefined, small)).toBe(250);
  });

  it("cuts no chunk without a record", () => {
    expect(chunkSizeOf(settings, 1, small)).toBe(1);
  });
});
