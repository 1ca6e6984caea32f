// When a group is refreshed by itself: slots from the definition alone.

import { type FeatureGroup, lastSlotAt, nextSlotAfter, scheduleOf, toEpochMs, toIso } from "@steward/core";
import { customerActivity, customerLoyalty, productViews } from "@steward/features";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aFeatureGroup } from "../../support/builders.ts";

const HOUR_MS = 3_600_000;
const instants = fc.integer({ min: -5_000_000_000_000, max: 5_000_000_000_000 }).map(toEpochMs);
const schedules = fc
  .record({ minutes: fc.integer({ min: 1, max: 100_000 }), seconds: fc.nat() })
  .map(({ minutes, seconds }) => ({
    periodMs: minutes * 60_000,
    offsetMs: (seconds % (minutes * 60)) * 1_000,
  }));

const named = (name: string): FeatureGroup => aFeatureGroup({ name, schedule: "rate(1 hour)" });

describe("scheduleOf", () => {
  it("takes the declared schedule", () => {
    expect(scheduleOf(productViews)?.periodMs).toBe(HOUR_MS);
    expect(scheduleOf(customerLoyalty)?.periodMs).toBe(24 * HOUR_MS);
  });

  it("takes half of the freshness objective, in whole minutes and at least one, where none is declared", () => {
    const periodOf = (freshness: "2 hours" | "5 minutes" | "30 seconds") =>
      scheduleOf(aFeatureGroup({ freshness }))?.periodMs;

    expect(periodOf("2 hours")).toBe(HOUR_MS);
    expect(periodOf("5 minutes")).toBe(120_000);
    expect(periodOf("30 seconds")).toBe(60_000);
  });

  it("is none for a group without schedule and objective, and for one that a stream feeds", () => {
    expect(scheduleOf(aFeatureGroup())).toBeUndefined();
    expect(customerActivity.freshnessMs).toBe(60_000);
    expect(scheduleOf(customerActivity)).toBeUndefined();
  });

  it("gives the slots that it gave before: they are no matter of the version that runs", () => {
    expect(scheduleOf(productViews)).toEqual({ periodMs: HOUR_MS, offsetMs: 735_000 });
    expect(scheduleOf(customerLoyalty)).toEqual({ periodMs: 24 * HOUR_MS, offsetMs: 6_770_000 });
  });

  it("spreads 600 hourly groups over the hour: no minute has more than a twentieth of them", () => {
    const minutes = new Map<number, number>();
    for (let index = 0; index < 600; index += 1) {
      const { offsetMs = -1 } = scheduleOf(named(`group-${index}`)) ?? {};
      const minute = Math.floor(offsetMs / 60_000);
      minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
    }

    expect(Math.min(...minutes.keys())).toBeGreaterThanOrEqual(0);
    expect(Math.max(...minutes.keys())).toBeLessThan(60);
    expect(minutes.size).toBeGreaterThan(50);
    expect(Math.max(...minutes.values())).toBeLessThan(30);
  });
});

describe("nextSlotAfter", () => {
  it("is an hour after an hourly slot, however late it is asked", () => {
    const schedule = { periodMs: HOUR_MS, offsetMs: 754_000 };

    expect(toIso(nextSlotAfter(schedule, toEpochMs(0)))).toBe("1970-01-01T00:12:34.000Z");
    expect(toIso(nextSlotAfter(schedule, toEpochMs(754_000)))).toBe("1970-01-01T01:12:34.000Z");
    expect(toIso(nextSlotAfter(schedule, toEpochMs(754_000 + HOUR_MS - 1)))).toBe("1970-01-01T01:12:34.000Z");
  });

  it("does not drift: the thousandth slot after any instant is a thousand periods after the first", () => {
    fc.assert(
      fc.property(schedules, instants, fc.nat({ max: 59_999 }), (schedule, from, latenessMs) => {
        const firstMs = nextSlotAfter(schedule, from);
        let atMs = firstMs;
        for (let count = 0; count < 1_000; count += 1)
          atMs = nextSlotAfter(schedule, toEpochMs(atMs + latenessMs));

        expect(atMs).toBe(firstMs + 1_000 * schedule.periodMs);
      }),
      { numRuns: 50 },
    );
  });

  it("lies after the instant, the last slot not after it, one period apart", () => {
    fc.assert(
      fc.property(schedules, instants, (schedule, instant) => {
        const lastMs = lastSlotAt(schedule, instant);
        const nextMs = nextSlotAfter(schedule, instant);

        expect(lastMs).toBeLessThanOrEqual(instant);
        expect(nextMs).toBeGreaterThan(instant);
        expect(nextMs - lastMs).toBe(schedule.periodMs);
      }),
    );
  });
});
