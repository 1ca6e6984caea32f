// Decides how certificates are signed in an account: by a key of KMS that nobody can take out, over a digest made here.
// Leaves what is signed to core, and who may sign to the key's policy.

import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { GetPublicKeyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { InvalidInputError, type Signer } from "@steward/core";
import { toCallError } from "../aws/call-failure.ts";
import { type AwsClientOptions, BRIEF_CALLS, clientSettings } from "../aws/client-settings.ts";
import { describePublicKey, requireP256 } from "./public-key.ts";

export interface KmsSignerOptions {
  readonly client: KMSClient;
  /** Id, ARN or alias of a key with KeySpec ECC_NIST_P256 and KeyUsage SIGN_VERIFY. */
  readonly key: string;
}

/** What the two calls say of a key that is no such key: what must change is the setting. */
const NAMES = {
  invalid: new Set(["InvalidKeyUsageException", "UnsupportedOperationException", "InvalidArnException"]),
};

export function createKmsClient(options: AwsClientOptions = {}): KMSClient {
  return new KMSClient(clientSettings(options, BRIEF_CALLS));
}

export class KmsSigner implements Signer {
  readonly keyId: string;
  readonly publicKeyPem: string;
  readonly #client: KMSClient;
  /** An alias may be turned to another key, whose signatures would fit no public key that was given out. */
  readonly #arn: string;

  private constructor(client: KMSClient, arn: string, publicKey: KeyObject) {
    this.#client = client;
    this.#arn = arn;
    const { keyId, publicKeyPem } = describePublicKey(publicKey);
    this.keyId = keyId;
    this.publicKeyPem = publicKeyPem;
  }

  /** Asks for the public key, once. @throws NotFoundError, UnavailableError; InvalidInputError when it is no key of the
   * curve P-256 that signs. */
  static async open({ client, key }: KmsSignerOptions): Promise<KmsSigner> {
    const { KeyId, PublicKey } = await call("the public key of certificates could not be read", () =>
      client.send(new GetPublicKeyCommand({ KeyId: key })),
    );
    const publicKey = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: "der", type: "spki" });
    requireP256(publicKey);
    return new KmsSigner(client, KeyId ?? key, publicKey);
  }

  /** Only the digest leaves this process, so a certificate may be of any size (KMS takes 4 KiB).
   * @throws UnavailableError; an error by KMS's own name (DisabledException, KMSInvalidStateException) when the key is off. */
  async sign(bytes: Uint8Array): Promise<Uint8Array> {
    const { Signature } = await call("a certificate could not be signed", () =>
      this.#client.send(
        new SignCommand({
          KeyId: this.#arn,
          Message: createHash("sha256").update(bytes).digest(),
          MessageType: "DIGEST",
          SigningAlgorithm: "ECDSA_SHA_256",
        }),
      ),
    );
    if (Signature === undefined) throw new InvalidInputError("KMS gave no signature");
    return Signature;
  }
}

async function call<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toCallError(what, error, NAMES);
  }
}
