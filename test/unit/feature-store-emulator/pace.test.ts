// Decides: how calls and units are counted against a pace, on a clock that the test drives.
// Leaves to others: what a caller gets who is too fast (the contract test of the pace).
import { describe, expect, it } from "vitest";
import {
  AWS_PACE,
  Pace,
  type PaceSettings,
  type RecordCost,
  toUnits,
} from "../../../packages/feature-store-emulator/src/pace.ts";

let nowMs = 0;
const aPace = (settings: PaceSettings) => new Pace(settings, () => nowMs);
const aCost = (changes: Partial<RecordCost> = {}): RecordCost => ({
  direction: "write",
  groupName: "orders",
  recordId: "a",
  bytes: 1,
  provisionedUnits: undefined,
  ...changes,
});
/** How many of so many are taken at once. */
const countTaken = (times: number, take: () => boolean) =>
  Array.from({ length: times }, take).filter(Boolean).length;

describe("AWS's pace", () => {
  it("is 500 units to write and 2,400 to read for each record, a second", () => {
    const pace = aPace(AWS_PACE);

    expect(countTaken(600, () => pace.takes(aCost()))).toBe(500);
    expect(countTaken(600, () => pace.takes(aCost({ recordId: "b" })))).toBe(500);
    expect(countTaken(2_500, () => pace.takes(aCost({ direction: "read" })))).toBe(2_400);
  });

  it("is 10,000 calls of each operation, but 500 of BatchGetRecord, a second", () => {
    const pace = aPace(AWS_PACE);

    expect(countTaken(11_000, () => pace.takesCall("PutRecord"))).toBe(10_000);
    expect(countTaken(11_000, () => pace.takesCall("GetRecord"))).toBe(10_000);
    expect(countTaken(600, () => pace.takesCall("BatchGetRecord"))).toBe(500);
  });

  it("is what a group was provisioned with, none for a capacity of none", () => {
    const pace = aPace(AWS_PACE);
    const write = (provisionedUnits: number, recordId: string) =>
      pace.takes(aCost({ provisionedUnits, recordId }));

    expect(["a", "b", "c"].map((recordId) => write(2, recordId))).toEqual([true, true, false]);
    expect(write(5, "d")).toBe(true);
    expect(write(0, "e")).toBe(false);
  });
});

describe("Units", () => {
  it("are one for each begun kilobyte to write, at least one; one for each begun four to read, none for nothing", () => {
    expect([0, 1, 1_024, 1_025].map((bytes) => toUnits("write", bytes))).toEqual([1, 1, 1, 2]);
    expect([0, 1, 4_096, 4_097].map((bytes) => toUnits("read", bytes))).toEqual([0, 1, 1, 2]);
  });

  it("of a second may be taken at once, by a record no more than its own, and no call takes a part", () => {
    const pace = aPace({ writeUnits: 3, writeUnitsPerRecord: 2 });
    const taken = ["a", "a", "a", "b", "b"].map((recordId) => pace.takes(aCost({ recordId })));

    expect(taken).toEqual([true, true, false, true, false]);
  });

  it("of a record larger than a second's are let through once, and owed", () => {
    const pace = aPace({ readUnits: 1 });

    expect(pace.takes(aCost({ direction: "read", bytes: 40_000 }))).toBe(true);
    nowMs += 5_000;
    expect(pace.takes(aCost({ direction: "read", recordId: "b" }))).toBe(false);
    nowMs += 6_000;
    expect(pace.takes(aCost({ direction: "read", recordId: "b" }))).toBe(true);
  });
});

describe("Pace", () => {
  it("gives units back as time passes, never more than a second's", () => {
    const pace = aPace({ writeUnits: 10 });
    const take = () => pace.takes(aCost());
    expect(countTaken(20, take)).toBe(10);

    nowMs += 300;
    expect(countTaken(20, take)).toBe(3);
    nowMs += 60_000;
    expect(countTaken(20, take)).toBe(10);
  });

  it("counts each group for itself, and a record of it apart from its namesake in another", () => {
    const pace = aPace({ writeUnits: 2, writeUnitsPerRecord: 1 });
    const write = (groupName: string) => pace.takes(aCost({ groupName }));

    expect([write("orders"), write("orders"), write("visits"), write("visits")]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});
