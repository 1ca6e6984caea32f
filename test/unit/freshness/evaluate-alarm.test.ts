// When an alarm is on: whole periods, M of N, missing data breaks, and neither flaps with a metric that flaps.

import { existsSync } from "node:fs";
import { type Alarm, alarmsOf, type EpochMs, evaluateAlarm, latest, toEpochMs } from "@steward/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aFeatureGroup } from "../../support/builders.ts";

const MINUTE_MS = 60_000;
const START = toEpochMs(Date.UTC(2026, 10, 25, 12));
const group = aFeatureGroup({ schedule: "rate(1 hour)", freshness: "2 hours" });
const alarms = alarmsOf([group], { checkPeriodMs: MINUTE_MS });
const named = (name: string): Alarm => {
  const found = alarms.find((alarm) => alarm.name === name);
  if (found === undefined) throw new Error(`no alarm ${name}`);
  return found;
};
const late = named("freshness-customer-orders-hot");
const heartbeat = named("freshness-checker");
const minute = (count: number): EpochMs => (START + count * MINUTE_MS) as EpochMs;

/** A value a minute from START on; undefined: none was put. Evaluated half a minute after the last. */
function evaluate(
  alarm: Alarm,
  values: readonly (number | undefined)[],
  before: "ok" | "alarm" = "ok",
  sinceMs: EpochMs = minute(-60),
  beats: readonly { readonly atMs: EpochMs }[] = points(values),
) {
  const nowMs = (minute(values.length - 1) + 30_000) as EpochMs;
  return evaluateAlarm(alarm, points(values), { nowMs, sinceMs, before, beats })?.state;
}

function points(values: readonly (number | undefined)[]) {
  return values.flatMap((value, index) =>
    value === undefined ? [] : [{ value, atMs: (minute(index) + 5_000) as EpochMs }],
  );
}

const FINE = 60;
const BAD = 7_201;

describe("evaluateAlarm", () => {
  it("goes on at the second bad measure of three, not at the first", () => {
    expect(evaluate(late, [FINE, FINE, BAD])).toBe("ok");
    expect(evaluate(late, [FINE, BAD, BAD])).toBe("alarm");
    expect(evaluate(late, [BAD, FINE, BAD])).toBe("alarm");
  });

  it("takes the objective itself as in time", () => {
    expect(evaluate(late, [7_200, 7_200, 7_200])).toBe("ok");
  });

  it("takes a missing measure as a bad one", () => {
    expect(evaluate(late, [FINE, undefined, undefined, undefined])).toBe("alarm");
  });

  it("counts the period that is under way as missing once it was checked", () => {
    const values = [FINE, FINE, FINE, undefined, undefined];

    expect(evaluate(late, values)).toBe("ok");
    expect(evaluate(late, values, "ok", minute(-60), points([1, 1, 1, 1, 1]))).toBe("alarm");
  });

  it("goes off only once none of three is bad", () => {
    expect(evaluate(late, [BAD, FINE, FINE], "alarm")).toBe("alarm");
    expect(evaluate(late, [FINE, FINE, FINE], "alarm")).toBe("ok");
  });

  it("goes on once and stays on over a metric that flaps", () => {
    const values = [FINE, FINE];
    const states: ("ok" | "alarm")[] = [];
    for (let index = 0; index < 10; index += 1) {
      const before = states.at(-1) ?? "ok";
      values.push(index % 2 === 0 ? BAD : FINE);
      states.push(evaluate(late, values, before) ?? before);
    }

    expect(states.join(" ")).toBe("ok ok alarm alarm alarm alarm alarm alarm alarm alarm");
  });

  it("says nothing of periods in which nobody looked", () => {
    expect(evaluate(late, [undefined, undefined, undefined, FINE], "ok", minute(2))).toBeUndefined();
    expect(evaluate(late, [undefined, undefined, undefined, BAD, BAD], "ok", minute(2))).toBe("alarm");
  });

  it("hears a heart that missed one beat", () => {
    expect(evaluate(heartbeat, [1, 1, 1])).toBe("ok");
    expect(evaluate(heartbeat, [1, 1, undefined])).toBe("ok");
    expect(evaluate(heartbeat, [1, 1, undefined, undefined])).toBe("alarm");
  });

  it("is on after two bad periods, whatever came before, and off after three fine ones", () => {
    const value = fc.option(fc.constantFrom(FINE, BAD), { nil: undefined });
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 8 }),
        fc.constantFrom("ok" as const, "alarm" as const),
        (past, before) => {
          expect(evaluate(late, [...past, FINE, BAD, BAD], before)).toBe("alarm");
          expect(evaluate(late, [...past, FINE, FINE, FINE], before)).toBe("ok");
        },
      ),
    );
  });
});

describe("alarmsOf", () => {
  it("has an alarm for the age of each side, for each store's difference, and one for the checker", () => {
    expect(alarms.map(({ name }) => name)).toEqual([
      "freshness-customer-orders-offline",
      "freshness-customer-orders-online",
      "freshness-customer-orders-hot",
      "difference-customer-orders-online",
      "difference-customer-orders-hot",
      "freshness-checker",
    ]);
  });

  it("watches a stream's place too", () => {
    const streamed = aFeatureGroup({
      path: "stream",
      freshness: "1 minute",
      features: { last_channel: latest("channel") },
    });

    expect(alarmsOf([streamed], { checkPeriodMs: MINUTE_MS }).map(({ name }) => name)).toContain(
      "stream-behind-customer-orders",
    );
  });

  it("watches no group that has neither objective nor schedule", () => {
    expect(alarmsOf([aFeatureGroup()], { checkPeriodMs: MINUTE_MS }).map(({ name }) => name)).toEqual([
      "freshness-checker",
    ]);
  });

  it("gives a group without an objective two periods of its schedule", () => {
    const [age] = alarmsOf([aFeatureGroup({ schedule: "rate(1 hour)" })], { checkPeriodMs: MINUTE_MS });

    expect(age?.threshold).toBe(7_200);
  });

  it("leads each alarm to a runbook that is there", () => {
    expect(alarms.map(({ runbook }) => existsSync(runbook))).toEqual(alarms.map(() => true));
  });
});
