// Decides how the public half of a signing key is checked, written and named: P-256, SPKI, by the SHA-256 of its DER.

import { createHash, type KeyObject } from "node:crypto";
import { InvalidInputError } from "@steward/core";

const CURVE = "prime256v1";

/** A private or a public key. @throws InvalidInputError when it is not of the curve P-256. */
export function requireP256(key: KeyObject): void {
  if (key.asymmetricKeyType !== "ec" || key.asymmetricKeyDetails?.namedCurve !== CURVE)
    throw new InvalidInputError("the key that signs certificates must be of the curve P-256");
}

export function describePublicKey(key: KeyObject): { readonly keyId: string; readonly publicKeyPem: string } {
  const der = key.export({ type: "spki", format: "der" });
  return {
    keyId: createHash("sha256").update(der).digest("hex"),
    publicKeyPem: key.export({ type: "spki", format: "pem" }).toString(),
  };
}
