// Decides how a secret key comes from Secrets Manager: read once, whole, of exactly 32 bytes, and in no error or log.
// Leaves what the key is for to HmacPseudonymiser and AesSealer.

import {
  GetSecretValueCommand,
  type GetSecretValueCommandOutput,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { InvalidInputError, NotFoundError } from "@steward/core";
import { describeFailure, toCallError } from "../aws/call-failure.ts";
import { type AwsClientOptions, BRIEF_CALLS, clientSettings } from "../aws/client-settings.ts";

export const SECRET_KEY_BYTES = 32;

export interface SecretKeyOptions {
  readonly client: SecretsManagerClient;
  /** Name or ARN. */
  readonly secret: string;
  /** Default: the version that is AWSCURRENT. */
  readonly versionId?: string;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function createSecretsClient(options: AwsClientOptions = {}): SecretsManagerClient {
  return new SecretsManagerClient(clientSettings(options, BRIEF_CALLS));
}

/**
 * The 32 bytes of a secret, which holds them as binary or as base64 text.
 *
 * Called at start and kept for the life of the process: nothing is asked again, and a rotation reaches a process when it
 * starts anew. The seal key may be rotated while no request is open. The suppression key must never be replaced, for
 * suppressions are found by it: its secret has no rotation, and `versionId`, where given, reads the version that the platform
 * began with, whatever was put since.
 * @throws NotFoundError when there is no such secret, or it has no value yet; InvalidInputError when it holds anything but
 * 32 bytes; UnavailableError. Each names the secret.
 */
export async function readSecretKey({ client, secret, versionId }: SecretKeyOptions): Promise<Uint8Array> {
  const VersionId = versionId === undefined ? {} : { VersionId: versionId };
  let answer: GetSecretValueCommandOutput;
  try {
    answer = await client.send(new GetSecretValueCommand({ SecretId: secret, ...VersionId }));
  } catch (error) {
    throw toReadError(secret, error);
  }
  return toKey(secret, answer);
}

function toKey(secret: string, { SecretBinary, SecretString }: GetSecretValueCommandOutput): Uint8Array {
  const text = SecretString?.trim();
  if (SecretBinary === undefined && (text === undefined || text === ""))
    throw new NotFoundError(`the secret "${secret}" has no value yet: put 32 random bytes into it, once`);
  if (SecretBinary === undefined && !BASE64.test(text ?? ""))
    throw new InvalidInputError(`the secret "${secret}" must be binary, or base64 text`);
  const key = SecretBinary ?? Buffer.from(text ?? "", "base64");
  if (key.length !== SECRET_KEY_BYTES)
    throw new InvalidInputError(
      `the secret "${secret}" must hold a key of ${SECRET_KEY_BYTES} bytes, not ${key.length}: restore it, never replace it`,
    );
  return new Uint8Array(key);
}

/** One name stands for "no such secret" and for "no such version of it". */
function toReadError(secret: string, error: unknown): unknown {
  const { name, message } = describeFailure(error);
  if (name === "ResourceNotFoundException") {
    return new NotFoundError(
      /secret value/.test(message)
        ? `the secret "${secret}" has no value yet, or not that version: put 32 random bytes into it, once`
        : `there is no secret "${secret}"`,
    );
  }
  if (name === "InvalidRequestException")
    return new NotFoundError(`the secret "${secret}" cannot be read: it is marked for deletion, restore it`);
  return toCallError(`the secret "${secret}" could not be read`, error);
}
