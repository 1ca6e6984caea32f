// What a duration and a rate in a definition mean, and what is neither.

import { parseDurationMs, parseRateMs } from "@steward/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const UNITS = [
  ["second", 1_000],
  ["minute", 60_000],
  ["hour", 3_600_000],
  ["day", 86_400_000],
  ["week", 604_800_000],
] as const;

describe("parseDurationMs", () => {
  it.each([
    ["1 second", 1_000],
    ["90 seconds", 90_000],
    ["1 minute", 60_000],
    ["15 minutes", 900_000],
    ["1 hour", 3_600_000],
    ["2 hours", 7_200_000],
    ["1 day", 86_400_000],
    ["30 days", 2_592_000_000],
    ["1 week", 604_800_000],
    ["52 weeks", 31_449_600_000],
  ])("reads %s", (text, expected) => {
    expect(parseDurationMs(text)).toBe(expected);
  });

  it.each([
    ["no number", "days"],
    ["zero", "0 days"],
    ["a negative number", "-1 days"],
    ["a fraction", "1.5 days"],
    ["an exponent", "1e3 days"],
    ["a leading zero", "07 days"],
    ["a plural of one", "1 days"],
    ["a singular of two", "2 day"],
    ["no space", "30days"],
    ["two spaces", "30  days"],
    ["space around", " 30 days "],
    ["another case", "30 Days"],
    ["a month, which has no fixed length", "1 month"],
    ["a year, which has no fixed length", "1 year"],
    ["milliseconds", "5 milliseconds"],
    ["two durations", "1 day 2 hours"],
    ["a line end", "30 days\n"],
    ["digits of another script", "３０ days"],
    ["nothing", ""],
  ])("refuses %s", (_, text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  });

  it("refuses a length that a number cannot hold exactly", () => {
    expect(parseDurationMs("14892 weeks")).toBe(9_006_681_600_000);
    expect(parseDurationMs("999999999 weeks")).toBeUndefined();
  });

  it("is the count times the unit for every whole number", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 1_000_000 }),
        fc.constantFrom(...UNITS),
        (count, [unit, unitMs]) => {
          expect(parseDurationMs(`${count} ${unit}s`)).toBe(count * unitMs);
        },
      ),
    );
  });
});

describe("parseRateMs", () => {
  it.each([
    ["rate(1 minute)", 60_000],
    ["rate(5 minutes)", 300_000],
    ["rate(1 hour)", 3_600_000],
    ["rate(7 days)", 604_800_000],
  ])("reads %s", (text, expected) => {
    expect(parseRateMs(text)).toBe(expected);
  });

  it.each([
    "1 hour",
    "rate(1 hours)",
    "rate()",
    "rate(0 hours)",
    "rate(1 hour",
    "cron(0 0 * * ? *)",
    "Rate(1 hour)",
  ])("refuses %s", (text) => {
    expect(parseRateMs(text)).toBeUndefined();
  });

  it.each(["rate(30 seconds)", "rate(1 week)"])(
    "refuses %s, a unit that EventBridge Scheduler lacks",
    (text) => {
      expect(parseRateMs(text)).toBeUndefined();
    },
  );
});
