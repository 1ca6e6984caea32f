// The key that signs certificates: ECDSA on P-256 over SHA-256. KMS in an account, a key file on a laptop.

export interface Signer {
  /** Names the public key: SHA-256 of its SPKI DER, 64 hex digits. */
  readonly keyId: string;
  /** SPKI, PEM: whoever has it can verify what this signer signed. */
  readonly publicKeyPem: string;
  /** The signature of the bytes, DER-encoded as KMS gives it. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}
