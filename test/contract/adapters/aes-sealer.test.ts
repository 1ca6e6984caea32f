import { AesSealer } from "@steward/adapters";
import { describe, expect, it } from "vitest";
import { describeSealer } from "../ports/sealer.ts";

describeSealer("AesSealer", async (key) => new AesSealer(key));

describe("AesSealer", () => {
  it("refuses a key of another length than 32 bytes", () => {
    expect(() => new AesSealer(new Uint8Array(16))).toThrow(/32 bytes, not 16/);
  });
});
