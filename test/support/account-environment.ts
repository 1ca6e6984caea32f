// The environment of functions in an account, on MiniStack, a Redis and a Feature Store emulator: all that there is to set.

import { CreateKeyCommand } from "@aws-sdk/client-kms";
import { CreateSecretCommand } from "@aws-sdk/client-secrets-manager";
import { createKmsClient, createSecretsClient } from "@steward/adapters/aws";
import {
  AWS_OPTIONS,
  awsOptions,
  createBucket,
  createQueues,
  createTable,
  uniqueName,
} from "./aws-resources.ts";

export interface AccountServers {
  readonly ministack: string;
  readonly redis: string;
  /** Default: none is reached. */
  readonly featureStore?: string;
  /** Whose keys the hot store holds. */
  readonly owners: readonly string[];
}

export async function accountEnvironment(servers: AccountServers): Promise<Record<string, string>> {
  const { ministack: url, redis, featureStore, owners } = servers;
  const { queueUrl, deadLetterUrl } = await createQueues(url);
  const data = await createBucket(url, "data");
  return {
    AWS_ENDPOINT_URL: url,
    ...(featureStore === undefined
      ? {}
      : {
          AWS_ENDPOINT_URL_SAGEMAKER: featureStore,
          AWS_ENDPOINT_URL_SAGEMAKER_FEATURESTORE_RUNTIME: featureStore,
        }),
    AWS_REGION: AWS_OPTIONS.region,
    AWS_ACCESS_KEY_ID: AWS_OPTIONS.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: AWS_OPTIONS.credentials.secretAccessKey,
    STEWARD_LEDGER_TABLE: await createTable(url),
    STEWARD_DATA_BUCKET: data,
    STEWARD_STAGING_BUCKET: await createBucket(url, "staging"),
    STEWARD_EVIDENCE_BUCKET: await createBucket(url, "evidence"),
    STEWARD_INCOMING_BUCKET: await createBucket(url, "incoming"),
    STEWARD_CHUNK_QUEUE_URL: queueUrl,
    STEWARD_CHUNK_DEAD_LETTERS_URL: deadLetterUrl,
    STEWARD_STREAM_PREFIX: "steward-test-",
    STEWARD_HOT: JSON.stringify({
      pacer: { url: redis },
      owners: Object.fromEntries(owners.map((owner) => [owner, { url: redis }])),
    }),
    STEWARD_OFFLINE_URI: `s3://${data}/offline`,
    STEWARD_FEATURE_STORE_ROLE: "arn:aws:iam::123456789012:role/feature-store",
    STEWARD_SUPPRESSION_SECRET: await createSecret(url),
    STEWARD_SEAL_SECRET: await createSecret(url),
    STEWARD_SIGNING_KEY: await createSigningKey(url),
    STEWARD_METRIC_NAMESPACE: "Steward/test",
    STEWARD_PAGES_TOPIC: "arn:aws:sns:us-east-1:123456789012:pages",
    STEWARD_STATE_MACHINES: JSON.stringify({
      refresh: "arn:aws:states:us-east-1:123456789012:stateMachine:refresh",
    }),
  };
}

async function createSecret(url: string): Promise<string> {
  const Name = uniqueName("secret");
  const SecretBinary = crypto.getRandomValues(new Uint8Array(32));
  await createSecretsClient(awsOptions(url)).send(new CreateSecretCommand({ Name, SecretBinary }));
  return Name;
}

async function createSigningKey(url: string): Promise<string> {
  const command = new CreateKeyCommand({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
  const { KeyMetadata } = await createKmsClient(awsOptions(url)).send(command);
  return KeyMetadata?.KeyId ?? "";
}
