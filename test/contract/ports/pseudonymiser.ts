// The rules of the port Pseudonymiser, for every adapter.

import { inspect } from "node:util";
import { type Pseudonymiser, tagOf } from "@steward/core";
import { describe, expect, it } from "vitest";

/** `makePseudonymiser` gets the 32 bytes of the key. The expected values are from `openssl dgst -sha256 -mac HMAC`. */
export function describePseudonymiser(
  name: string,
  makePseudonymiser: (key: Uint8Array) => Promise<Pseudonymiser>,
): void {
  describe(name, () => {
    const key = Uint8Array.from({ length: 32 }, (_, index) => index);

    it.each([
      ["customer", "C-00042", "ea811aa59d3440c55277ceae9f58b2e91f1d09ed5235489f8462693e190c8950"],
      ["customer", "00042", "078a3bd0a08730dea172bfe84f6d6af8815e63297a10f97e0cba3d6f93a5c38b"],
      ["product", "C-00042", "62f03bb0441c9087aae7afae4c90dcaa3e8b548489fbeed514d4bc9013e513fe"],
      ["customer", "é😀", "af55501c9aa7085bc533e87570d34652bce220526299b8cb3c308575e7bebace"],
    ])(
      "gives the HMAC-SHA256 of %s, a zero byte and the identifier",
      async (entity, identifier, expected) => {
        const pseudonymiser = await makePseudonymiser(key);

        expect(pseudonymiser.pseudonym(entity, identifier)).toBe(expected);
      },
    );

    it("gives a pseudonym whose first three digits are its tag", async () => {
      const pseudonymiser = await makePseudonymiser(key);

      expect(tagOf(pseudonymiser.pseudonym("customer", "C-00042"))).toBe("ea8");
    });

    it("gives other pseudonyms under another key", async () => {
      const one = await makePseudonymiser(key);
      const other = await makePseudonymiser(new Uint8Array(32));

      expect(one.pseudonym("customer", "1")).not.toBe(other.pseudonym("customer", "1"));
    });

    it("keeps the boundary between entity type and identifier", async () => {
      const pseudonymiser = await makePseudonymiser(key);

      expect(pseudonymiser.pseudonym("a", "bc")).not.toBe(pseudonymiser.pseudonym("ab", "c"));
      expect(() => pseudonymiser.pseudonym("a\0b", "c")).toThrow(
        expect.objectContaining({ name: "InvalidInputError" }),
      );
    });

    it("hands out its key to an engine and to no log", async () => {
      const pseudonymiser = await makePseudonymiser(key);

      expect(pseudonymiser.key).toEqual(key);
      const shown = inspect(pseudonymiser, { depth: 10, showHidden: true }) + JSON.stringify(pseudonymiser);
      expect(shown).not.toMatch(/30,\s*31|1e ?1f|Uint8Array|Buffer/);
    });

    it("keeps its key when the caller overwrites theirs, or the copy it was handed", async () => {
      const own = Uint8Array.from(key);
      const pseudonymiser = await makePseudonymiser(own);
      const before = pseudonymiser.pseudonym("customer", "1");

      own.fill(0);
      pseudonymiser.key.fill(0);

      expect(pseudonymiser.pseudonym("customer", "1")).toBe(before);
    });
  });
}
