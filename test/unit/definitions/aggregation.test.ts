// What a feature may compute: builders give new values, and what does not go together is refused.

import {
  type Aggregation,
  type AggregationBuilder,
  count,
  DefinitionError,
  type Duration,
  distinctCount,
  type FeatureValue,
  latest,
  type Measure,
  max,
  mean,
  min,
  type Operand,
  type Operator,
  ratio,
  sum,
} from "@steward/core";
import { describe, expect, it } from "vitest";
import { aFeatureGroup } from "../../support/builders.ts";

type AnyBuilder = AggregationBuilder<Measure, FeatureValue | undefined>;

const declare = (feature: Aggregation) => aFeatureGroup({ features: { feature } });

describe("AggregationBuilder", () => {
  it("gives a new value with each method and leaves the old one as it was", () => {
    const all = count();
    const filtered = all.where("channel", "equals", "web");
    const windowed = filtered.over("30 days");
    const defaulted = windowed.default(0);

    expect(all).toMatchObject({ windowMs: undefined, filters: [], defaultValue: undefined });
    expect(filtered).toMatchObject({
      windowMs: undefined,
      filters: [{ column: "channel" }],
      defaultValue: undefined,
    });
    expect(windowed).toMatchObject({ windowMs: 2_592_000_000, defaultValue: undefined });
    expect(defaulted).toMatchObject({
      windowMs: 2_592_000_000,
      filters: [{ value: "web" }],
      defaultValue: 0,
    });
  });

  it("keeps every filter, in the order in which they were given", () => {
    const { filters } = count().where("quantity", "greater", 1).where("quantity", "less", 9);

    expect(filters).toEqual([
      { column: "quantity", operator: "greater", value: 1 },
      { column: "quantity", operator: "less", value: 9 },
    ]);
  });

  it("takes the last window that is given", () => {
    expect(count().over("1 day").over("2 days").windowMs).toBe(172_800_000);
  });

  it.each(["", "30", "30day", "0 days", "1.5 days", "1 month", "-1 days"])(
    "refuses the window %j",
    (window) => {
      expect(() => count().over(window as Duration)).toThrow(DefinitionError);
      expect(() => count().over(window as Duration)).toThrow(
        `over("${window}"): a window is a whole number and a unit`,
      );
    },
  );
});

describe("ratio", () => {
  it.each([
    ["a mean", mean("amount") as unknown as Aggregation<Operand>, "takes a count() or a sum()"],
    ["a part with a window", count().over("1 day"), "window, filters and default stand on the ratio"],
    [
      "a part with a filter",
      count().where("quantity", "equals", 1),
      "window, filters and default stand on the ratio",
    ],
    ["a part with a default", sum("amount").default(0), "window, filters and default stand on the ratio"],
  ])("refuses %s on either side", (_, part, message) => {
    expect(() => ratio(part, count())).toThrow(message);
    expect(() => ratio(count(), part)).toThrow(message);
    expect(() => ratio(count(), part)).toThrow(DefinitionError);
  });
});

describe("featureGroup, of measures", () => {
  it.each<[string, Aggregation, string]>([
    ["a sum of text", sum("channel"), 'a sum or mean takes a number, and "channel" is text'],
    ["a sum of instants", sum("ordered_at"), 'a sum or mean takes a number, and "ordered_at" is instant'],
    ["a mean of text", mean("channel"), 'a sum or mean takes a number, and "channel" is text'],
    ["a min of text", min("channel"), 'min takes a number, an instant or a date, and "channel" is text'],
    ["a max of text", max("channel"), 'max takes a number, an instant or a date, and "channel" is text'],
    [
      "distinct days of a number",
      distinctCount("quantity", { unit: "day" }),
      "distinctCount by day takes an instant or a date",
    ],
    [
      "a distinct count by another unit",
      distinctCount("ordered_at", { unit: "hour" as "day" }),
      'distinctCount counts by "value" or "day", not "hour"',
    ],
    ["a ratio over text", ratio(count(), sum("channel")), "a sum or mean takes a number"],
    ["a ratio of text", ratio(sum("channel"), count()), "a sum or mean takes a number"],
    ["a sum over no column", sum("price"), 'names "price", which is not a column of source "purchases"'],
    ["a latest of no column", latest("price"), 'names "price", which is not a column'],
    ["a distinct count of no column", distinctCount("price"), 'names "price", which is not a column'],
    ["a column named like a method", latest("valueOf"), 'names "valueOf", which is not a column'],
  ])("refuses %s", (_, aggregation, message) => {
    expect(() => declare(aggregation)).toThrow(DefinitionError);
    expect(() => declare(aggregation)).toThrow(`features.feature: ${message}`);
  });
});

describe("featureGroup, of filters", () => {
  it.each<[string, string, Operator, FeatureValue, string]>([
    ["no column", "price", "equals", 1, 'where: names "price", which is not a column'],
    [
      "order among texts",
      "channel",
      "less",
      "web",
      'where: "less" needs an ordered column, and "channel" is text',
    ],
    [
      "an unknown operator",
      "quantity",
      "atLeast" as Operator,
      1,
      "where: the operator must be one of equals",
    ],
    ["a number for a text", "channel", "equals", 7, 'where "channel": the value must be text'],
    [
      "a text for an integer",
      "quantity",
      "equals",
      "7",
      'where "quantity": the value must be a whole number',
    ],
    ["half an integer", "quantity", "less", 0.5, 'where "quantity": the value must be a whole number'],
    [
      "more digits than a decimal has",
      "amount",
      "less",
      0.005,
      'where "amount": the value must be a number with at most 2 digits',
    ],
    ["not a number", "amount", "less", Number.NaN, 'where "amount": the value must be a number'],
    [
      "a date for an instant",
      "ordered_at",
      "less",
      "2026-01-31",
      'where "ordered_at": the value must be an instant',
    ],
    [
      "an instant that is not in its one form",
      "ordered_at",
      "less",
      "2026-01-31T00:00:00Z",
      'where "ordered_at": the value must be an instant',
    ],
  ])("refuses a filter with %s", (_, column, operator, value, message) => {
    expect(() => declare(count().where(column, operator, value))).toThrow(`features.feature: ${message}`);
  });

  it.each<[string, Operator, FeatureValue]>([
    ["channel", "notEquals", "web"],
    ["quantity", "lessOrEqual", -3],
    ["amount", "greaterOrEqual", 99.95],
    ["amount", "less", 123_456_789_012],
    ["ordered_at", "greater", "2026-01-31T00:00:00.000Z"],
  ])("takes %s %s %s", (column, operator, value) => {
    expect(declare(count().where(column, operator, value)).features[0]?.aggregation.filters).toHaveLength(1);
  });
});

describe("featureGroup, of defaults", () => {
  it.each<[string, AnyBuilder, FeatureValue]>([
    ["whole number for a count", count(), 0],
    ["whole number for a sum of integers", sum("quantity"), -7],
    ["decimal for a sum of decimals", sum("amount"), 0.25],
    ["fraction for a mean", mean("amount"), 1 / 3],
    ["text for a latest text", latest("channel"), ""],
    ["instant for a latest instant", latest("ordered_at"), "1970-01-01T00:00:00.000Z"],
  ])("takes a %s", (_, aggregation, value) => {
    expect(declare(aggregation.default(value)).features[0]?.defaultValue).toBe(value);
  });

  it.each<[string, AnyBuilder, FeatureValue, string]>([
    ["fraction for a count", count(), 0.5, "default must be a whole number within ±(2^53 − 1)"],
    ["integer beyond 2^53 − 1", sum("quantity"), 2 ** 53, "default must be a whole number"],
    ["text for a sum", sum("amount"), "0", "default must be a number with at most 2 digits after the point"],
    [
      "third digit for a decimal of two",
      sum("amount"),
      0.125,
      "default must be a number with at most 2 digits",
    ],
    [
      "sixteenth digit for a decimal",
      sum("amount"),
      12_345_678_901_234.5,
      "default must be a number with at most 2 digits after the point and 15 in all",
    ],
    ["infinity for a mean", mean("amount"), Number.POSITIVE_INFINITY, "default must be a finite number"],
    ["number for a text", latest("channel"), 0, "default must be text"],
    [
      "date that there is not for an instant",
      latest("ordered_at"),
      "2026-02-30T00:00:00.000Z",
      "default must be an instant",
    ],
  ])("refuses a %s", (_, aggregation, value, message) => {
    expect(() => declare(aggregation.default(value))).toThrow(`features.feature: ${message}`);
  });
});
