// Decides: which texts are event times, and which instants they name.
// Leaves to others: how writes are ordered by them (contract tests).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toEpochMs, toEventTime } from "../../../packages/feature-store-emulator/src/rules/event-time.ts";

describe("toEventTime", () => {
  it.each([
    ["1970-01-01T00:00:00Z", 0, 0],
    ["2024-02-29T23:59:59.5Z", 1_709_251_199, 500_000_000],
    ["1969-12-31T23:59:59.999999999Z", -1, 999_999_999],
    ["0000-01-01T00:00:00Z", -62_167_219_200, 0],
    ["0099-12-31T23:59:59Z", -59_011_459_201, 0],
    ["9999-12-31T23:59:59.000000001Z", 253_402_300_799, 1],
  ])("reads %s to the nanosecond", (text, seconds, nanos) => {
    expect(toEventTime(text, "String")).toEqual({ seconds, nanos });
  });

  it.each([
    "2024-05-01",
    "2024-05-01T10:00Z",
    "2024-05-01T10:00:00",
    "2024-05-01t10:00:00z",
    "2024-05-01 10:00:00Z",
    "2024-05-01T10:00:00.Z",
    "2024-05-01T10:00:00+01:00",
    "2024-05-01T24:00:00Z",
    "2024-05-01T10:60:00Z",
    "2024-05-01T10:00:60Z",
    "2024-13-01T10:00:00Z",
    "2024-00-01T10:00:00Z",
    "2024-04-31T10:00:00Z",
    "1900-02-29T10:00:00Z",
    "+12024-05-01T10:00:00Z",
    "1714557600",
    "",
  ])("refuses the text %j", (text) => {
    expect(() => toEventTime(text, "String")).toThrow("ISO-8601");
  });

  it.each([
    ["1714557600", 1_714_557_600, 0],
    ["1714557600.25", 1_714_557_600, 250_000_000],
    ["1714557600.", 1_714_557_600, 0],
    ["1.7145576e9", 1_714_557_600, 0],
    ["17145576002500E-4", 1_714_557_600, 250_000_000],
    ["-0.000000001", -1, 999_999_999],
    ["1714557600.1234567899", 1_714_557_600, 123_456_789],
  ])("reads %s as Unix seconds, exactly", (text, seconds, nanos) => {
    expect(toEventTime(text, "Fractional")).toEqual({ seconds, nanos });
  });

  it.each([
    "",
    "NaN",
    "Infinity",
    "1e12",
    "-62167219201",
    "253402300800",
    "0x1f",
    "1,5",
    "2024-05-01T10:00:00Z",
    "1e999",
  ])("refuses %j as Unix seconds", (text) => {
    expect(() => toEventTime(text, "Fractional")).toThrow("Unix time");
  });

  it("agrees with the calendar of JavaScript at every millisecond", () => {
    const firstMs = Date.parse("0000-01-01T00:00:00Z");
    const lastMs = Date.parse("9999-12-31T23:59:59.999Z");
    fc.assert(
      fc.property(fc.integer({ min: firstMs, max: lastMs }), (epochMs) => {
        expect(toEpochMs(toEventTime(new Date(epochMs).toISOString(), "String"))).toBe(epochMs);
      }),
    );
  });
});
