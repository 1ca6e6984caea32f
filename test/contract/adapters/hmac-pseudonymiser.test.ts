import { HmacPseudonymiser } from "@steward/adapters";
import { describe, expect, it } from "vitest";
import { describePseudonymiser } from "../ports/pseudonymiser.ts";

describePseudonymiser("HmacPseudonymiser", async (key) => new HmacPseudonymiser(key));

describe("HmacPseudonymiser", () => {
  it("refuses a key of another length than 32 bytes", () => {
    expect(() => new HmacPseudonymiser(new Uint8Array(31))).toThrow(/32 bytes, not 31/);
  });
});
