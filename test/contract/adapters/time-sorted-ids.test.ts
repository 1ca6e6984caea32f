import { TimeSortedIds } from "@steward/adapters";
import { describe, expect, it } from "vitest";
import { FakeTimer } from "../support/fake-timer.ts";

describe("TimeSortedIds", () => {
  it("begins with the second in UTC, and fits the alphabet and length of a run id", () => {
    const ids = new TimeSortedIds({ timer: new FakeTimer(Date.UTC(2026, 10, 24, 20, 33, 1, 35)) });

    expect(ids.runId()).toMatch(/^20261124t203301-0z[a-z0-9]{6}$/);
  });

  it("sorts by creation, within a millisecond and when the machine's clock is set back", () => {
    const timer = new FakeTimer(Date.UTC(2026, 11, 31, 23, 59, 59, 990));
    const ids = new TimeSortedIds({ timer });
    const made = Array.from({ length: 2_000 }, (_, index) => {
      if (index === 1_000) timer.advance(-60_000);
      return ids.runId();
    });

    expect([...made].sort()).toEqual(made);
    expect(new Set(made).size).toBe(2_000);
  });

  it("differs between processes that ask in the same millisecond", () => {
    const made = Array.from({ length: 100 }, () => new TimeSortedIds({ timer: new FakeTimer() }).runId());

    expect(new Set(made).size).toBe(100);
  });
});
