// Which texts are instants, which instant each is, and how an instant is written.

import { MAX_EPOCH_MS, MIN_EPOCH_MS, parseInstant, toEpochMs, toIso } from "@steward/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const anInstant = fc.integer({ min: MIN_EPOCH_MS, max: MAX_EPOCH_MS }).map(toEpochMs);
const two = (value: number) => String(value).padStart(2, "0");

describe("parseInstant", () => {
  it.each([
    ["1970-01-01", 0],
    ["1970-01-02", 86_400_000],
    ["1997-10-01", 875_664_000_000],
    ["1997-10-01T00:00:00Z", 875_664_000_000],
    ["1997-10-01T02:00:00+02:00", 875_664_000_000],
    ["1997-09-30T18:30:00-05:30", 875_664_000_000],
    ["1997-10-01T14:00:00+14:00", 875_664_000_000],
    ["1997-09-30T10:00:00-14:00", 875_664_000_000],
    ["1997-10-01T13:59:00+13:59", 875_664_000_000],
    ["1997-10-01T00:00:00.5Z", 875_664_000_500],
    ["1997-10-01T00:00:00.05Z", 875_664_000_050],
    ["1997-10-01T00:00:00.005Z", 875_664_000_005],
    ["2000-02-29", 951_782_400_000],
    ["2024-02-29T23:59:59.999Z", 1_709_251_199_999],
    ["0001-01-01", -62_135_596_800_000],
    ["9999-12-31T23:59:59.999Z", 253_402_300_799_999],
  ])("reads %s", (text, expected) => {
    expect(parseInstant(text)).toBe(expected);
  });

  it.each([
    ["a day that the month lacks", "2026-04-31"],
    ["29 February of a common year", "2026-02-29"],
    ["29 February of 1900, no leap year", "1900-02-29"],
    ["a thirteenth month", "2026-13-01"],
    ["month 0", "2026-00-10"],
    ["day 0", "2026-01-00"],
    ["year 0", "0000-12-31"],
    ["one digit of month and day", "1997-1-1"],
    ["a year of five digits", "12026-01-01"],
    ["a negative year", "-2026-01-01"],
    ["hour 24", "2026-01-01T24:00:00Z"],
    ["minute 60", "2026-01-01T00:60:00Z"],
    ["a leap second", "2016-12-31T23:59:60Z"],
    ["a time without a zone", "2026-01-01T00:00:00"],
    ["a time without seconds", "2026-01-01T00:00Z"],
    ["a date with a zone", "2026-01-01Z"],
    ["four digits of fraction", "2026-01-01T00:00:00.0001Z"],
    ["a point without a fraction", "2026-01-01T00:00:00.Z"],
    ["a comma before the fraction", "2026-01-01T00:00:00,5Z"],
    ["an offset of 15 hours", "2026-01-01T00:00:00+15:00"],
    ["an offset of a minute more than 14 hours", "2026-01-01T00:00:00+14:01"],
    ["an offset of 14 hours and 59 minutes, west", "2026-01-01T00:00:00-14:59"],
    ["an offset with minute 60", "2026-01-01T00:00:00+01:60"],
    ["an offset without a colon", "2026-01-01T00:00:00+0100"],
    ["a space for the T", "2026-01-01 00:00:00Z"],
    ["lower case", "2026-01-01t00:00:00z"],
    ["space around", " 2026-01-01"],
    ["a line end", "2026-01-01\n"],
    ["digits of another script", "２０２６-01-01"],
    ["epoch seconds", "1767225600"],
    ["nothing", ""],
  ])("refuses %s", (_, text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  it("refuses an instant that its offset carries out of the years 0001 to 9999", () => {
    expect(parseInstant("0001-01-01T00:00:00+00:01")).toBeUndefined();
    expect(parseInstant("9999-12-31T23:59:59.999-00:01")).toBeUndefined();
  });

  it("reads back what toIso writes", () => {
    fc.assert(
      fc.property(anInstant, (instant) => {
        expect(parseInstant(toIso(instant))).toBe(instant);
      }),
    );
  });

  it("takes exactly the days that the calendar has", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9_999 }),
        fc.integer({ min: 0, max: 14 }),
        fc.integer({ min: 0, max: 33 }),
        (year, month, day) => {
          const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
          const days = [0, 31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month] ?? 0;

          const parsed = parseInstant(`${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`);

          expect(parsed !== undefined).toBe(day >= 1 && day <= days);
        },
      ),
    );
  });

  it("moves with the offset: the same clock reading further east is earlier", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_000_000_000_000 }).map(toEpochMs),
        fc.integer({ min: -840, max: 840 }),
        (instant, minutes) => {
          const sign = minutes < 0 ? "-" : "+";
          const offset = `${sign}${two(Math.trunc(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;

          const parsed = parseInstant(toIso(instant).replace("Z", offset));

          expect(parsed).toBe(instant - minutes * 60_000);
        },
      ),
    );
  });
});

describe("toIso", () => {
  it("always writes three digits of fraction", () => {
    expect(toIso(toEpochMs(875_664_000_000))).toBe("1997-10-01T00:00:00.000Z");
    expect(toIso(MIN_EPOCH_MS)).toBe("0001-01-01T00:00:00.000Z");
    expect(toIso(MAX_EPOCH_MS)).toBe("9999-12-31T23:59:59.999Z");
  });

  it("writes texts that sort as the instants do", () => {
    fc.assert(
      fc.property(anInstant, anInstant, (left, right) => {
        expect(Math.sign(left - right)).toBe(
          toIso(left) < toIso(right) ? -1 : toIso(left) > toIso(right) ? 1 : 0,
        );
      }),
    );
  });
});

describe("toEpochMs", () => {
  it.each([0, -1, MIN_EPOCH_MS, MAX_EPOCH_MS])("takes %d", (value) => {
    expect(toEpochMs(value)).toBe(value);
  });

  it.each([MIN_EPOCH_MS - 1, MAX_EPOCH_MS + 1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    "refuses %d",
    (value) => {
      expect(() => toEpochMs(value)).toThrow(RangeError);
    },
  );
});
