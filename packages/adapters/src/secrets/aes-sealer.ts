// Decides how an erasure request's identifiers are sealed: AES-256-GCM under a key of their own, a fresh nonce each.
// Leaves where the key comes from to key-file.ts (a laptop) or a secret store.

import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { DataRejectedError, InvalidInputError, type Sealer } from "@steward/core";

export const SEALER_KEY_BYTES = 32;

const CIPHER = "aes-256-gcm";
/** 96 bits, random: safe for some 2^32 seals under one key (NIST SP 800-38D, 8.3, read 2026-11-24). */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export class AesSealer implements Sealer {
  readonly #key: KeyObject;

  /** @throws InvalidInputError when the key is not 32 bytes. */
  constructor(key: Uint8Array) {
    if (key.length !== SEALER_KEY_BYTES) {
      throw new InvalidInputError(
        `the key that seals requests must be ${SEALER_KEY_BYTES} bytes, not ${key.length}`,
      );
    }
    this.#key = createSecretKey(key);
  }

  /** Nonce, tag, cipher text. */
  seal(text: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES });
    const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64");
  }

  open(sealed: string): string {
    const bytes = Buffer.from(sealed, "base64");
    try {
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString("utf8");
    } catch {
      // The error of the cipher is not passed on: nothing of what was sealed may show.
      throw new DataRejectedError("a sealed identifier was changed, or was sealed under another key");
    }
  }
}
