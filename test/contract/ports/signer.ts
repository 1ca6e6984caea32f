// The rules of the port Signer, for every adapter.

import { createHash, createPublicKey, verify } from "node:crypto";
import type { Signer } from "@steward/core";
import { describe, expect, it } from "vitest";

const BYTES = new TextEncoder().encode('{"subject":"é"}');

/** `makeSigner` gives a signer with the same key each time; `makeOther` one with another key. */
export function describeSigner(
  name: string,
  makeSigner: () => Promise<Signer>,
  makeOther: () => Promise<Signer>,
): void {
  const isSignedBy = (signer: Signer, bytes: Uint8Array, signature: Uint8Array): boolean =>
    verify("sha256", bytes, createPublicKey(signer.publicKeyPem), signature);

  describe(name, () => {
    it("gives a signature that its public key verifies, over exactly those bytes", async () => {
      const signer = await makeSigner();

      const signature = await signer.sign(BYTES);

      expect(isSignedBy(signer, BYTES, signature)).toBe(true);
      expect(isSignedBy(signer, Uint8Array.from([...BYTES, 10]), signature)).toBe(false);
    });

    it("gives a signature that no other public key verifies", async () => {
      const signature = await (await makeSigner()).sign(BYTES);

      expect(isSignedBy(await makeOther(), BYTES, signature)).toBe(false);
    });

    it("gives DER, as KMS does: a sequence of two integers", async () => {
      const signature = await (await makeSigner()).sign(BYTES);

      expect(signature[0]).toBe(0x30);
      expect(signature[1]).toBe(signature.length - 2);
      expect(signature[2]).toBe(0x02);
    });

    it("has a key of the curve P-256, named by the SHA-256 of its public half", async () => {
      const signer = await makeSigner();
      const key = createPublicKey(signer.publicKeyPem);

      expect(key.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
      const der = key.export({ type: "spki", format: "der" });
      expect(signer.keyId).toBe(createHash("sha256").update(der).digest("hex"));
    });

    it("keeps its key when it is made again", async () => {
      expect((await makeSigner()).publicKeyPem).toBe((await makeSigner()).publicKeyPem);
    });
  });
}
