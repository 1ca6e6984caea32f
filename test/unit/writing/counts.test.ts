// The algebra of counts, and which of a record's outcomes speaks for all stores.

import {
  addCounts,
  type Counts,
  countOutcomes,
  isBalanced,
  NO_COUNTS,
  type Outcome,
  overallOutcome,
} from "@steward/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const OUTCOMES: readonly Outcome[] = ["written", "newerKept", "suppressed", "expired", "failed"];
const anOutcome = fc.constantFrom(...OUTCOMES);
const someCounts: fc.Arbitrary<Counts> = fc.record({
  planned: fc.nat(1_000_000),
  written: fc.nat(1_000_000),
  newerKept: fc.nat(1_000_000),
  suppressed: fc.nat(1_000_000),
  expired: fc.nat(1_000_000),
  failed: fc.nat(1_000_000),
});

describe("addCounts", () => {
  it("is commutative, associative, and has NO_COUNTS for its zero", () => {
    fc.assert(
      fc.property(someCounts, someCounts, someCounts, (a, b, c) => {
        expect(addCounts(a, b)).toEqual(addCounts(b, a));
        expect(addCounts(addCounts(a, b), c)).toEqual(addCounts(a, addCounts(b, c)));
        expect(addCounts(a, NO_COUNTS)).toEqual(a);
      }),
    );
  });

  it("adds each count to its own", () => {
    const left = { planned: 1, written: 2, newerKept: 3, suppressed: 4, expired: 5, failed: 6 };
    const right = { planned: 10, written: 20, newerKept: 30, suppressed: 40, expired: 50, failed: 60 };

    expect(addCounts(left, right)).toEqual({
      planned: 11,
      written: 22,
      newerKept: 33,
      suppressed: 44,
      expired: 55,
      failed: 66,
    });
  });
});

describe("countOutcomes", () => {
  it("counts each outcome, and all as planned", () => {
    expect(countOutcomes(["written", "failed", "written", "suppressed", "expired", "newerKept"])).toEqual({
      planned: 6,
      written: 2,
      newerKept: 1,
      suppressed: 1,
      expired: 1,
      failed: 1,
    });
    expect(countOutcomes([])).toEqual(NO_COUNTS);
  });

  it("counts parts and adds them up to the whole, always balanced", () => {
    fc.assert(
      fc.property(fc.array(anOutcome), fc.array(anOutcome), (left, right) => {
        const whole = countOutcomes([...left, ...right]);

        expect(addCounts(countOutcomes(left), countOutcomes(right))).toEqual(whole);
        expect(isBalanced(whole)).toBe(true);
      }),
    );
  });
});

describe("isBalanced", () => {
  it.each(["planned", ...OUTCOMES] as const)("sees one too many of %s", (field) => {
    const counts = countOutcomes(OUTCOMES);

    expect(isBalanced({ ...counts, [field]: counts[field] + 1 })).toBe(false);
  });
});

describe("overallOutcome", () => {
  it.each<[Outcome, readonly Outcome[]]>([
    ["written", ["written", "written"]],
    ["newerKept", ["written", "newerKept"]],
    ["expired", ["newerKept", "expired"]],
    ["suppressed", ["expired", "suppressed"]],
    ["failed", ["suppressed", "failed"]],
  ])("is %s for %j, whichever store says it", (expected, outcomes) => {
    expect(overallOutcome(outcomes)).toBe(expected);
    expect(overallOutcome([...outcomes].reverse())).toBe(expected);
  });

  it("is one of the outcomes, and the same for each order and for repeated ones", () => {
    fc.assert(
      fc.property(fc.array(anOutcome, { minLength: 1, maxLength: 6 }), (outcomes) => {
        const overall = overallOutcome(outcomes);

        expect(outcomes).toContain(overall);
        expect(overallOutcome([...outcomes].sort())).toBe(overall);
        expect(overallOutcome([...outcomes, ...outcomes])).toBe(overall);
      }),
    );
  });
});
