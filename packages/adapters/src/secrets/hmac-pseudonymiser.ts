// Decides how an identifier becomes a pseudonym: HMAC-SHA256 over entity type, a zero byte and the identifier.
// Leaves where the key comes from to key-file.ts (a laptop) or a secret store.

import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { InvalidInputError, type Pseudonym, type Pseudonymiser } from "@steward/core";

export const PSEUDONYM_KEY_BYTES = 32;

export class HmacPseudonymiser implements Pseudonymiser {
  readonly #key: KeyObject;

  /** @throws InvalidInputError when the key is not 32 bytes. */
  constructor(key: Uint8Array) {
    if (key.length !== PSEUDONYM_KEY_BYTES) {
      throw new InvalidInputError(
        `the key of the pseudonyms must be ${PSEUDONYM_KEY_BYTES} bytes, not ${key.length}`,
      );
    }
    this.#key = createSecretKey(key);
  }

  pseudonym(entityType: string, identifier: string): Pseudonym {
    if (entityType.includes("\0")) throw new InvalidInputError("an entity type may not hold a zero byte");
    return createHmac("sha256", this.#key).update(`${entityType}\0${identifier}`).digest("hex");
  }

  /** Behind a getter and a private field, so that no log of this object shows it. */
  get key(): Uint8Array {
    return new Uint8Array(this.#key.export());
  }
}
