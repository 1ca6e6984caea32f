// Decides what every bucket of a stage has in common: versions, a key of ours, no public, nothing without TLS.

import { thisAccount, tlsOnly } from "./account.ts";
import { named } from "./names.ts";

export interface BucketParts {
  readonly isProd: boolean;
  readonly key: aws.kms.Key;
  readonly rules: readonly aws.types.input.s3.BucketLifecycleConfigurationRule[];
  readonly lock?: { readonly mode: "COMPLIANCE" | "GOVERNANCE"; readonly days: number };
}

/** `steward-<stage>-<name>-<account>`: names of buckets are unique in the world. */
export function createBucket(name: string, { isProd, key, rules, lock }: BucketParts): aws.s3.Bucket {
  const bucket = new aws.s3.Bucket(
    `Bucket-${name}`,
    {
      bucket: $interpolate`${named(name)}-${thisAccount().accountId}`,
      objectLockEnabled: lock !== undefined,
      forceDestroy: !isProd,
    },
    { protect: isProd, retainOnDelete: isProd },
  );
  const of = { bucket: bucket.bucket };
  const versioning = new aws.s3.BucketVersioning(`Versioning-${name}`, {
    ...of,
    versioningConfiguration: { status: "Enabled" },
  });
  const after = { dependsOn: [versioning] };
  new aws.s3.BucketLifecycleConfiguration(`Lifecycle-${name}`, { ...of, rules: [...rules] }, after);
  if (lock !== undefined)
    new aws.s3.BucketObjectLockConfiguration(
      `Lock-${name}`,
      { ...of, rule: { defaultRetention: lock } },
      after,
    );
  shut(name, bucket, key);
  return bucket;
}

function shut(name: string, { bucket, arn }: aws.s3.Bucket, key: aws.kms.Key): void {
  new aws.s3.BucketServerSideEncryptionConfiguration(`Encryption-${name}`, {
    bucket,
    rules: [
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.arn },
        // One call of KMS for many objects.
        bucketKeyEnabled: true,
      },
    ],
  });
  const access = new aws.s3.BucketPublicAccessBlock(`Access-${name}`, {
    bucket,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  const policy = $jsonStringify({
    Version: "2012-10-17",
    Statement: [tlsOnly("s3:*", [arn, $interpolate`${arn}/*`])],
  });
  new aws.s3.BucketPolicy(`Policy-${name}`, { bucket, policy }, { dependsOn: [access] });
}
