import { describe, expect, it } from "vitest";
import { againIfRewritten } from "../../../packages/core/src/ledger/again-if-rewritten.ts";
import { anObjectStore } from "../../support/durable-stores.ts";

describe("againIfRewritten", () => {
  it("does the work again where it failed while an object was written again, and not where none was", async () => {
    const objects = anObjectStore();
    await objects.put("a", new Uint8Array([1]));
    let tries = 0;
    const work = async (): Promise<string> => {
      tries += 1;
      if (tries > 1) return "read";
      await objects.put("a", new Uint8Array([2]));
      throw new Error("gone in the middle");
    };

    expect(await againIfRewritten(objects, ["a"], work)).toBe("read");

    const broken = async (): Promise<string> => {
      tries += 1;
      throw new Error("broken");
    };
    await expect(againIfRewritten(objects, ["a"], broken)).rejects.toThrow("broken");
    expect(tries).toBe(3);
  });
});
