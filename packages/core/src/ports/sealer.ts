// How an erasure request keeps the identifiers that it was given until it ends: encrypted, never in clear.

export interface Sealer {
  /** Authenticated encryption under a secret key, as base64 text; two seals of one text differ. */
  seal(text: string): string;
  /** @throws DataRejectedError when the text was not sealed under this key, or was changed. */
  open(sealed: string): string;
}
