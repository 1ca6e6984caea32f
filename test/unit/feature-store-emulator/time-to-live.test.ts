// Decides: the arithmetic of expiry.
// Leaves to others: what is hidden when (contract tests).
import { describe, expect, it } from "vitest";
import {
  type TtlUnit,
  toExpiresAtMs,
  toExpiresAtText,
} from "../../../packages/feature-store-emulator/src/rules/time-to-live.ts";

describe("toExpiresAtMs", () => {
  it.each<[TtlUnit, number]>([
    ["Seconds", 1_002_000],
    ["Minutes", 1_120_000],
    ["Hours", 8_200_000],
    ["Days", 173_800_000],
    ["Weeks", 1_210_600_000],
  ])("adds two %s to the event time", (unit, expiresAtMs) => {
    expect(toExpiresAtMs({ seconds: 1_000, nanos: 0 }, { unit, value: 2 })).toBe(expiresAtMs);
  });

  it("ends with the year 9999", () => {
    const expiresAtMs = toExpiresAtMs(
      { seconds: 253_402_300_000, nanos: 0 },
      { unit: "Weeks", value: 2_147_483_647 },
    );

    expect(toExpiresAtText(expiresAtMs)).toBe("9999-12-31T23:59:59.999Z");
  });
});

describe("toExpiresAtText", () => {
  it("writes milliseconds only where there are some", () => {
    expect(toExpiresAtText(0)).toBe("1970-01-01T00:00:00Z");
    expect(toExpiresAtText(1)).toBe("1970-01-01T00:00:00.001Z");
  });
});
