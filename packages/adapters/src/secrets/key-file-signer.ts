// Decides how certificates are signed on a laptop: ECDSA on P-256 over SHA-256, by a private key in a file of its owner's.
// Leaves what is signed to core, and checking it to anyone who has the public key.

import { createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { InvalidInputError, type Signer } from "@steward/core";
import { describePublicKey, requireP256 } from "./public-key.ts";

export class KeyFileSigner implements Signer {
  readonly keyId: string;
  readonly publicKeyPem: string;
  readonly #privateKey: KeyObject;

  /** `privateKeyPem`: PKCS #8. @throws InvalidInputError when it is no private key of the curve P-256. */
  constructor(privateKeyPem: string) {
    this.#privateKey = readPrivateKey(privateKeyPem);
    const { keyId, publicKeyPem } = describePublicKey(createPublicKey(this.#privateKey));
    this.keyId = keyId;
    this.publicKeyPem = publicKeyPem;
  }

  async sign(bytes: Uint8Array): Promise<Uint8Array> {
    return new Uint8Array(sign("sha256", bytes, { key: this.#privateKey, dsaEncoding: "der" }));
  }
}

function readPrivateKey(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new InvalidInputError("the key that signs certificates must be a private key in PEM");
  }
  requireP256(key);
  return key;
}
