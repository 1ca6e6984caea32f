// The rules of the port Sealer, for every adapter.

import { inspect } from "node:util";
import type { Sealer } from "@steward/core";
import { describe, expect, it } from "vitest";

/** `makeSealer` gets the 32 bytes of the key. */
export function describeSealer(name: string, makeSealer: (key: Uint8Array) => Promise<Sealer>): void {
  describe(name, () => {
    const key = Uint8Array.from({ length: 32 }, (_, index) => index + 65);

    it.each(["00042", "", "é😀", "x".repeat(10_000)])("opens what it sealed: %.20j", async (text) => {
      const sealer = await makeSealer(key);

      expect(sealer.open(sealer.seal(text))).toBe(text);
    });

    it("seals one text differently each time, as base64 that does not show it", async () => {
      const sealer = await makeSealer(key);

      const [one, other] = [sealer.seal("customer-00042"), sealer.seal("customer-00042")];

      expect(one).not.toBe(other);
      expect(one).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
      expect(Buffer.from(one, "base64").toString("latin1")).not.toContain("00042");
    });

    it("opens nothing of which one bit was changed", async () => {
      const sealer = await makeSealer(key);
      const bytes = Buffer.from(sealer.seal("00042"), "base64");

      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const changed = Buffer.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => sealer.open(changed.toString("base64"))).toThrow(
          expect.objectContaining({ name: "DataRejectedError" }),
        );
      }
    });

    it.each(["", "AAAA", "not base64 at all"])("opens nothing that it never sealed: %j", async (text) => {
      const sealer = await makeSealer(key);

      expect(() => sealer.open(text)).toThrow(expect.objectContaining({ name: "DataRejectedError" }));
    });

    it("opens nothing that was sealed under another key, and does not repeat it", async () => {
      const sealed = (await makeSealer(key)).seal("00042");
      const other = await makeSealer(new Uint8Array(32));

      expect(() => other.open(sealed)).toThrow(/under another key/);
      expect(() => other.open(sealed)).not.toThrow(sealed);
    });

    it("shows its key to no log", async () => {
      const sealer = await makeSealer(key);

      const shown = inspect(sealer, { depth: 10, showHidden: true }) + JSON.stringify(sealer);
      expect(shown).not.toMatch(/65,\s*66|41 ?42|Uint8Array|Buffer/);
    });
  });
}
