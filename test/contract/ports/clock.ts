// The rules of the port Clock, for every adapter.

import { type Clock, MAX_EPOCH_MS, MIN_EPOCH_MS } from "@steward/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

export interface ClockHarness {
  clock: Clock;
  close(): Promise<void>;
}

export function describeClock(name: string, makeHarness: () => Promise<ClockHarness>): void {
  describe(name, () => {
    let harness: ClockHarness;

    beforeEach(async () => {
      harness = await makeHarness();
    });

    afterEach(async () => {
      await harness.close();
    });

    it("tells a whole millisecond of the years 0001 to 9999", () => {
      const nowMs = harness.clock.now();

      expect(Number.isSafeInteger(nowMs)).toBe(true);
      expect(nowMs).toBeGreaterThanOrEqual(MIN_EPOCH_MS);
      expect(nowMs).toBeLessThanOrEqual(MAX_EPOCH_MS);
    });

    it("never goes back from one reading to the next", () => {
      const readings = Array.from({ length: 10_000 }, () => harness.clock.now());

      expect([...readings].sort((left, right) => left - right)).toEqual(readings);
    });
  });
}
