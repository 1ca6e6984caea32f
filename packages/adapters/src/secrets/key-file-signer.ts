// Decides how certificates are signed on a laptop: ECDSA on P-256 over SHA-256, by a private key in a file of its owner's.
// Leaves what is signed to core, and checking it to anyone who has the public key.

import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { InvalidInputError, type Signer } from "@steward/core";

const CURVE = "prime256v1";

export class KeyFileSigner implements Signer {
  readonly keyId: string;
  readonly publicKeyPem: string;
  readonly #privateKey: KeyObject;

  /** `privateKeyPem`: PKCS #8. @throws InvalidInputError when it is no private key of the curve P-256. */
  constructor(privateKeyPem: string) {
    this.#privateKey = readPrivateKey(privateKeyPem);
    const publicKey = createPublicKey(this.#privateKey);
    this.keyId = createHash("sha256")
      .update(publicKey.export({ type: "spki", format: "der" }))
      .digest("hex");
    this.publicKeyPem = publicKey.export({ type: "spki", format: "pem" }).toString();
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
  if (key.asymmetricKeyType !== "ec" || key.asymmetricKeyDetails?.namedCurve !== CURVE)
    throw new InvalidInputError("the key that signs certificates must be of the curve P-256");
  return key;
}
