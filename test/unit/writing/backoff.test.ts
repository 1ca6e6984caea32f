// How long to wait before a try is made again.

import { backoffMs } from "@steward/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const BACKOFF = { firstMs: 100, ceilingMs: 2_000, maxTries: 6 };

describe("backoffMs", () => {
  it.each([
    [1, 100],
    [2, 200],
    [3, 400],
    [5, 1_600],
    [6, 2_000],
    [60, 2_000],
    [5_000, 2_000],
  ])("spreads the wait after failure %d over less than %d ms", (failures, belowMs) => {
    expect(backoffMs(BACKOFF, failures, 0)).toBe(0);
    expect(backoffMs(BACKOFF, failures, 0.5)).toBe(belowMs / 2);
    expect(backoffMs(BACKOFF, failures, 1 - Number.EPSILON)).toBe(belowMs - 1);
  });

  it("is always a whole number from 0 to below the ceiling", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (failures, fraction) => {
          const waitMs = backoffMs(BACKOFF, failures, fraction);

          expect(Number.isInteger(waitMs) && waitMs >= 0 && waitMs < BACKOFF.ceilingMs).toBe(true);
        },
      ),
    );
  });
});
