// Decides what AWS itself writes down about a stage and where that cannot be changed: CloudTrail, signed, in a locked bucket.
// Leaves requests of the API to the application's own audit (functions/_runtime/api-audit.ts), and erasures to the evidence.

import { type Account, ownAccount, thisAccount, tlsOnly } from "./account.ts";
import { named } from "./names.ts";
import type { Pages } from "./pages.ts";

export interface AuditSettings {
  /** Data events of writes alone; false: of reads too. $0.10 per 100,000 events either way (price table, 2026-11). */
  readonly writeOnly: boolean;
  /** What is locked cannot be removed by anybody before, the account's root included; `GOVERNANCE` leaves a stage removable. */
  readonly lockMode: "COMPLIANCE" | "GOVERNANCE";
  readonly lockDays: number;
  /** When it goes, beyond its lock. */
  readonly keepDays: number;
}

export interface AuditedResources {
  readonly featureGroupArns: readonly $util.Input<string>[];
  readonly bucketArns: readonly $util.Input<string>[];
}

export function createAudit(
  settings: AuditSettings,
  { featureGroupArns, bucketArns }: AuditedResources,
  { pages }: Pages,
  letters: aws.sqs.Queue,
) {
  const account = thisAccount();
  const trailName = named("audit");
  const trailArn = account.arn("cloudtrail", `trail/${trailName}`);
  const key = createAuditKey(settings, account, trailArn);
  const { bucket, ready } = createAuditBucket(settings, account, key, trailArn);
  const trail = new aws.cloudtrail.Trail(
    "AuditTrail",
    {
      name: trailName,
      s3BucketName: bucket.bucket,
      kmsKeyId: key.arn,
      enableLogFileValidation: true,
      // IAM and STS write to us-east-1 alone; what happens in other Regions concerns no stage.
      includeGlobalServiceEvents: true,
      isMultiRegionTrail: true,
      advancedEventSelectors: selectors(settings, featureGroupArns, bucketArns),
    },
    { dependsOn: ready },
  );
  watchTampering(pages, letters);
  return { trail, bucket, key };
}

/** A selector without `readOnly` takes both. Source: CloudTrail user guide, "Logging data events", read 2026-11-22. */
function selectors(
  { writeOnly }: AuditSettings,
  featureGroupArns: AuditedResources["featureGroupArns"],
  bucketArns: AuditedResources["bucketArns"],
) {
  const writes = { field: "readOnly", equals: ["false"] };
  const data = (name: string, type: string, resources: object) => ({
    name,
    fieldSelectors: [
      { field: "eventCategory", equals: ["Data"] },
      { field: "resources.type", equals: [type] },
      { field: "resources.ARN", ...resources },
      ...(writeOnly ? [writes] : []),
    ],
  });
  return [
    {
      name: "What changes the account",
      fieldSelectors: [{ field: "eventCategory", equals: ["Management"] }, writes],
    },
    ...(featureGroupArns.length === 0
      ? []
      : [
          data("Records of feature groups", "AWS::SageMaker::FeatureGroup", {
            equals: [...featureGroupArns],
          }),
        ]),
    // The log's own bucket is not among them: each file would beget another.
    ...(bucketArns.length === 0
      ? []
      : [
          data("Objects of buckets", "AWS::S3::Object", {
            startsWiths: bucketArns.map((arn) => $interpolate`${arn}/`),
          }),
        ]),
  ];
}

/** Source: CloudTrail user guide, "Configure AWS KMS key policies for CloudTrail", read 2026-11-25. */
function createAuditKey(settings: AuditSettings, account: Account, trailArn: $util.Input<string>) {
  const { partition, accountId } = account;
  const cloudTrail = { Effect: "Allow", Principal: { Service: "cloudtrail.amazonaws.com" }, Resource: "*" };
  const args = {
    description: `${$app.name}/${$app.stage} audit log`,
    enableKeyRotation: true,
    deletionWindowInDays: 30,
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [
        ownAccount(account),
        {
          ...cloudTrail,
          Sid: "TrailEncrypts",
          Action: "kms:GenerateDataKey*",
          Condition: {
            StringEquals: { "aws:SourceArn": trailArn },
            StringLike: {
              "kms:EncryptionContext:aws:cloudtrail:arn": $interpolate`arn:${partition}:cloudtrail:*:${accountId}:trail/*`,
            },
          },
        },
        {
          ...cloudTrail,
          Sid: "TrailLooks",
          Action: "kms:DescribeKey",
          Condition: { StringEquals: { "aws:SourceArn": trailArn } },
        },
      ],
    }),
  };
  return new aws.kms.Key("AuditKey", args, kept(settings));
}

/** A log that is locked outlives its stage, and nobody reads it without its key. */
function kept({ lockMode }: AuditSettings) {
  const isLocked = lockMode === "COMPLIANCE";
  return { protect: isLocked, retainOnDelete: isLocked };
}

function createAuditBucket(
  settings: AuditSettings,
  account: Account,
  key: aws.kms.Key,
  trailArn: $util.Input<string>,
) {
  const { lockMode, lockDays, keepDays } = settings;
  const bucket = new aws.s3.Bucket(
    "AuditBucket",
    {
      bucket: $interpolate`${named("audit")}-${account.accountId}`,
      objectLockEnabled: true,
      forceDestroy: lockMode === "GOVERNANCE",
    },
    kept(settings),
  );
  const of = { bucket: bucket.bucket };
  const versioning = new aws.s3.BucketVersioning("AuditVersioning", {
    ...of,
    versioningConfiguration: { status: "Enabled" },
  });
  const lock = new aws.s3.BucketObjectLockConfiguration(
    "AuditLock",
    { ...of, rule: { defaultRetention: { mode: lockMode, days: lockDays } } },
    { dependsOn: [versioning] },
  );
  expireAfter(keepDays, bucket, versioning);
  return { bucket, ready: [lock, ...shut(bucket, account, key, trailArn)] };
}

function expireAfter(keepDays: number, { bucket }: aws.s3.Bucket, versioning: aws.s3.BucketVersioning) {
  new aws.s3.BucketLifecycleConfiguration(
    "AuditLifecycle",
    {
      bucket,
      rules: [
        {
          id: "expire",
          status: "Enabled",
          filter: { prefix: "" },
          expiration: { days: keepDays },
          noncurrentVersionExpiration: { noncurrentDays: 1 },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
        },
      ],
    },
    { dependsOn: [versioning] },
  );
}

/** Encrypted, shut to the public, and open to the one trail. */
function shut(bucket: aws.s3.Bucket, account: Account, key: aws.kms.Key, trailArn: $util.Input<string>) {
  const of = { bucket: bucket.bucket };
  const encryption = new aws.s3.BucketServerSideEncryptionConfiguration("AuditEncryption", {
    ...of,
    rules: [
      {
        // No bucket key: CloudTrail's own encryption context, which the key's policy names, stays what KMS sees.
        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.arn },
      },
    ],
  });
  const access = new aws.s3.BucketPublicAccessBlock("AuditAccess", {
    ...of,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  const policy = new aws.s3.BucketPolicy(
    "AuditPolicy",
    { ...of, policy: bucketPolicy(bucket, account, trailArn) },
    { dependsOn: [access] },
  );
  return [encryption, policy];
}

/** Source: CloudTrail user guide, "Amazon S3 bucket policy for CloudTrail", read 2026-11-25. */
function bucketPolicy(bucket: aws.s3.Bucket, { accountId }: Account, trailArn: $util.Input<string>) {
  const cloudTrail = { Effect: "Allow", Principal: { Service: "cloudtrail.amazonaws.com" } };
  return $jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        ...cloudTrail,
        Sid: "TrailLooks",
        Action: "s3:GetBucketAcl",
        Resource: bucket.arn,
        Condition: { StringEquals: { "aws:SourceArn": trailArn } },
      },
      {
        ...cloudTrail,
        Sid: "TrailWrites",
        Action: "s3:PutObject",
        Resource: $interpolate`${bucket.arn}/AWSLogs/${accountId}/*`,
        Condition: {
          StringEquals: { "aws:SourceArn": trailArn, "s3:x-amz-acl": "bucket-owner-full-control" },
        },
      },
      tlsOnly("s3:*", [bucket.arn, $interpolate`${bucket.arn}/*`]),
    ],
  });
}

/** Whoever stops the log, or takes a lock or a key away, is seen doing it. The last thing a trail writes is who stopped it. */
const TAMPERING = {
  "cloudtrail.amazonaws.com": ["StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors"],
  "kms.amazonaws.com": ["DisableKey", "ScheduleKeyDeletion"],
  "s3.amazonaws.com": ["PutBucketObjectLockConfiguration", "PutBucketVersioning", "DeleteBucketPolicy"],
} as const;

function watchTampering(pages: aws.sns.Topic, letters: aws.sqs.Queue) {
  const rule = new aws.cloudwatch.EventRule("TamperingRule", {
    name: named("tampering"),
    description: "Somebody changes the audit log, a lock or a key. See docs/runbooks/audit.md",
    eventPattern: JSON.stringify({
      "detail-type": ["AWS API Call via CloudTrail"],
      detail: {
        eventSource: Object.keys(TAMPERING),
        eventName: Object.values(TAMPERING).flat(),
      },
    }),
  });
  new aws.cloudwatch.EventTarget("TamperingTarget", {
    rule: rule.name,
    arn: pages.arn,
    retryPolicy: { maximumEventAgeInSeconds: 3_600, maximumRetryAttempts: 10 },
    deadLetterConfig: { arn: letters.arn },
    inputTransformer: {
      inputPaths: { call: "$.detail.eventName", who: "$.detail.userIdentity.arn", at: "$.time" },
      inputTemplate:
        '"<call> was called by <who> at <at>: the audit log, a lock or a key was changed. Runbook: docs/runbooks/audit.md"',
    },
  });
}
