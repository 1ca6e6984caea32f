// One text for one JSON value, so that hashes and signatures of it can be checked by other programs.

import { canonicalBytes, canonicalJson, sha256Hex } from "@steward/core";
import { describe, expect, it } from "vitest";

describe("canonicalJson", () => {
  it("sorts keys at every depth and writes no white space", () => {
    const value = { b: [{ z: 1, a: null }, true], a: { y: "x", B: -0.5 } };

    expect(canonicalJson(value)).toBe('{"a":{"B":-0.5,"y":"x"},"b":[{"a":null,"z":1},true]}');
  });

  it("sorts keys by UTF-16 units, as RFC 8785 does", () => {
    expect(canonicalJson({ "\ufb33": 1, "😀": 2, "€": 3, "1": 4, "\r": 5 })).toBe(
      '{"\\r":5,"1":4,"€":3,"😀":2,"\ufb33":1}',
    );
  });

  it("escapes what JSON must, and nothing else", () => {
    expect(canonicalJson('"\\\u0001é/')).toBe('"\\"\\\\\\u0001é/"');
  });

  it("is the same for the same value in another order", () => {
    expect(canonicalJson({ a: 1, b: 2 })).toBe(canonicalJson({ b: 2, a: 1 }));
  });

  it("refuses a number that JSON cannot say", () => {
    expect(() => canonicalJson({ a: Number.NaN })).toThrow(RangeError);
  });
});

describe("sha256Hex", () => {
  it("is what sha256sum says of the UTF-8 bytes", async () => {
    expect(await sha256Hex(canonicalBytes("é"))).toBe(
      "f2886017e9c7abacf804b54d64787dce2b611c9544ba21f3affdd126a6e50086",
    );
  });
});
