// Values as Feature Store's text: each reads back as it was, and what is no value of the type is refused.

import { type FeatureValue, fromFeatureStoreText, toFeatureStoreText, type ValueType } from "@steward/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value));
const aTypedValue: fc.Arbitrary<readonly [ValueType, FeatureValue]> = fc.oneof(
  fc.string().map((value) => [{ kind: "text" }, value] as const),
  fc.maxSafeInteger().map((value) => [{ kind: "integer" }, value === 0 ? 0 : value] as const),
  finite.map((value) => [{ kind: "float" }, value] as const),
  fc
    .integer({ min: -99_999_999, max: 99_999_999 })
    .map((cents) => [{ kind: "decimal", precision: 10, scale: 2 }, cents / 100] as const),
  fc.boolean().map((value) => [{ kind: "boolean" }, value] as const),
);

describe("toFeatureStoreText", () => {
  it.each([
    [true, "1"],
    [false, "0"],
    [0, "0"],
    [-12, "-12"],
    [0.1, "0.1"],
    [9_007_199_254_740_991, "9007199254740991"],
    ["00042", "00042"],
    ["", ""],
    ["1997-10-01T00:00:00.000Z", "1997-10-01T00:00:00.000Z"],
  ])("writes %j as %j", (value, expected) => {
    expect(toFeatureStoreText(value)).toBe(expected);
  });
});

describe("fromFeatureStoreText", () => {
  it("reads back what was written", () => {
    fc.assert(
      fc.property(aTypedValue, ([type, value]) => {
        expect(fromFeatureStoreText(toFeatureStoreText(value), type)).toStrictEqual(value);
      }),
    );
  });

  it("leaves texts, dates and instants as they are, a leading zero included", () => {
    expect(fromFeatureStoreText("00042", { kind: "text" })).toBe("00042");
    expect(fromFeatureStoreText("1997-10-01", { kind: "date" })).toBe("1997-10-01");
    expect(fromFeatureStoreText("1997-10-01T00:00:00.000Z", { kind: "instant" })).toBe(
      "1997-10-01T00:00:00.000Z",
    );
  });

  it.each<[ValueType["kind"], string]>([
    ["boolean", "true"],
    ["boolean", ""],
    ["boolean", "2"],
    ["integer", ""],
    ["integer", " "],
    ["integer", "secret-7f"],
    ["integer", "NaN"],
    ["float", "Infinity"],
    ["float", "secret-7f"],
    ["decimal", "1,5"],
  ])("refuses, of the type %s, the text %j", (kind, text) => {
    const type = { kind, precision: 10, scale: 2 } as ValueType;

    expect(() => fromFeatureStoreText(text, type)).toThrow(RangeError);
  });

  it("never says the text that it refuses", () => {
    expect(() => fromFeatureStoreText("secret-7f", { kind: "integer" })).toThrow(
      /^a stored integer must be a finite number$/,
    );
  });
});
