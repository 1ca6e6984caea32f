// Mistakes in where data lies: buckets, stores, secrets, logs, what becomes of a stage, and names.

import { toList } from "../graph.ts";
import { KIND } from "../rules/kinds.ts";
import { add, allow, change, changePolicy, type Mistakes, setOptions, without } from "./plant.ts";

export const STORAGE_MISTAKES: Mistakes = {
  "every bucket keeps versions": {
    "a bucket keeps no versions": change(KIND.bucketVersioning, "Versioning-data", (inputs) => {
      inputs.versioningConfiguration.status = "Suspended";
    }),
  },
  "who reads objects of a bucket may list it: else S3 says of a missing one that it is forbidden": {
    "a plan reads files that it may not list": changePolicy(
      KIND.rolePolicy,
      "RolePolicy-refresh-plan-refresh",
      (old) =>
        old.filter(
          ({ Action, Resource }) =>
            !toList(Action).includes("s3:ListBucket") || !String(Resource).includes("incoming"),
        ),
    ),
  },
  "every bucket encrypts with a key of this stage": {
    "a bucket encrypts with S3's own key": change(KIND.bucketEncryption, "Encryption-data", (inputs) => {
      inputs.rules = [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }];
    }),
    "a bucket encrypts with AWS's key of the account": change(
      KIND.bucketEncryption,
      "Encryption-data",
      (inputs) => {
        delete inputs.rules[0].applyServerSideEncryptionByDefault.kmsMasterKeyId;
      },
    ),
  },
  "no bucket is public, in any of the four ways": {
    "a bucket may be made public": change(KIND.bucketAccess, "Access-incoming", (inputs) => {
      inputs.blockPublicPolicy = false;
    }),
    "a bucket is a website": add("aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration", "Site", {
      bucket: "steward-prod-data-123456789012",
    }),
    "a bucket has nothing that blocks": without(KIND.bucketAccess, "Access-data"),
  },
  "every bucket gives up unfinished uploads and old versions, wherever in it": {
    "old versions stay for ever": change(KIND.bucketLifecycle, "Lifecycle-data", (inputs) => {
      for (const each of inputs.rules) delete each.noncurrentVersionExpiration;
    }),
    "unfinished uploads go below one prefix alone": change(
      KIND.bucketLifecycle,
      "Lifecycle-staging",
      (inputs) => {
        for (const each of inputs.rules) each.filter = { prefix: "runs/" };
      },
    ),
  },
};

export const DATA_MISTAKES: Mistakes = {
  "every table is encrypted with a key of this stage, and can be brought back to any second": {
    "the ledger cannot be brought back": change(KIND.table, "Ledger", (inputs) => {
      inputs.pointInTimeRecovery.enabled = false;
    }),
    "the ledger is encrypted with AWS's key": change(KIND.table, "Ledger", (inputs) => {
      delete inputs.serverSideEncryption;
    }),
  },
  "every stream is encrypted with a key of this stage, grows by itself, and keeps events for a week": {
    "a stream keeps events for a day": change(KIND.stream, "Stream-activity", (inputs) => {
      delete inputs.retentionPeriod;
    }),
    "a stream is not encrypted": change(KIND.stream, "Stream-activity", (inputs) => {
      inputs.encryptionType = "NONE";
    }),
  },
  "every feature group has a key of its own, online and offline": {
    "a group is not encrypted online": change(KIND.featureGroup, "Group-customer-purchases", (inputs) => {
      delete inputs.onlineStoreConfig.securityConfig;
    }),
    "two groups share a key": change(KIND.featureGroup, "Group-customer-purchases", (inputs) => {
      const kmsKeyId = "arn:aws:kms:us-east-1:123456789012:key/key-GroupKey-product-views";
      inputs.onlineStoreConfig.securityConfig = { kmsKeyId };
      inputs.offlineStoreConfig.s3StorageConfig.kmsKeyId = kmsKeyId;
    }),
  },
  "every feature group lies in the tier that takes a customer's key": {
    "a group lies in memory": change(KIND.featureGroup, "Group-customer-purchases", (inputs) => {
      inputs.onlineStoreConfig.storageType = "InMemory";
    }),
  },
  "every cluster is encrypted with a key of this stage at rest, and with TLS on the wire": {
    "the hot store takes connections without TLS": change(KIND.cluster, "Hot-hot", (inputs) => {
      inputs.transitEncryptionMode = "preferred";
    }),
    "the hot store is encrypted with AWS's key": change(KIND.cluster, "Hot-hot", (inputs) => {
      delete inputs.kmsKeyId;
    }),
  },
  "every cluster lets in users by IAM alone, and shuts out the one that comes with it": {
    "the default user of Redis has access": change(KIND.user, "HotUser-default", (inputs) => {
      inputs.accessString = "on ~* +@all";
    }),
    "the default user is left as it comes": change(KIND.userGroup, "HotUsers-hot", (inputs) => {
      inputs.userIds = inputs.userIds.slice(1);
    }),
    "a user needs no password": change(KIND.user, "HotUser-growth-writer", (inputs) => {
      inputs.authenticationMode = { type: "no-password-required" };
    }),
    "the hot store has no users": change(KIND.cluster, "Hot-hot", (inputs) => {
      delete inputs.userGroupIds;
    }),
  },
  "every secret is encrypted with a key of this stage, and can be had back for a week": {
    "a secret is encrypted with AWS's key": change(KIND.secret, "Secret-seal", (inputs) => {
      delete inputs.kmsKeyId;
    }),
    "a secret is gone at once": change(KIND.secret, "Secret-seal", (inputs) => {
      inputs.recoveryWindowInDays = 0;
    }),
  },
  "no secret's value is in the graph": {
    "the deployment makes a secret's value": add(
      "aws:secretsmanager/secretVersion:SecretVersion",
      "SealValue",
    ),
  },
  "every log forgets": {
    "a log never forgets": change(KIND.logGroup, "Logs-api-run-get", (inputs) => {
      delete inputs.retentionInDays;
    }),
  },
  "nobody makes a log that never forgets, or FOREIGN_LOGS says why": {
    "a function makes its own log": allow(
      "RolePolicy-api-run-get",
      "logs:CreateLogGroup",
      "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/steward-prod-api-run-get",
    ),
  },
  "every topic is encrypted with a key of this stage": {
    "pages are encrypted with AWS's key": change(KIND.topic, "Pages", (inputs) => {
      inputs.kmsMasterKeyId = "alias/aws/sns";
    }),
  },
};

export const STAGE_MISTAKES: Mistakes = {
  "what holds data is protected and kept in prod, and goes with any other stage": {
    "prod's ledger is not protected": setOptions(KIND.table, "Ledger", { protect: false }),
    "prod's data key goes with the stage": setOptions(KIND.key, "DataKey", { retainOnDelete: false }),
  },
  "a bucket is emptied when it is removed, but in prod": {
    "prod's data is emptied with its bucket": change(KIND.bucket, "Bucket-data", (inputs) => {
      inputs.forceDestroy = true;
    }),
  },
  "a table refuses to be deleted in prod, and there alone": {
    "prod's ledger lets itself be deleted": change(KIND.table, "Ledger", (inputs) => {
      delete inputs.deletionProtectionEnabled;
    }),
  },
  "what stands in a Region once is named for its stage": {
    "two stages would have one queue": change(KIND.queue, "Queue-chunks", (inputs) => {
      inputs.name = "steward-chunks";
    }),
  },
  "every name is one that AWS takes, with room for what Pulumi adds": {
    "a function's name is too long": change(KIND.function, "Function-api-run-get", (inputs) => {
      inputs.name = `steward-prod-${"x".repeat(52)}`;
    }),
    "a machine's name has a blank": change(KIND.machine, "Workflow-replay", (inputs) => {
      inputs.name = "steward prod replay";
    }),
    "a role leaves Pulumi no room": add(KIND.role, `Role-${"x".repeat(52)}`),
  },
  "an alarm's name and description fit CloudWatch": {
    "an alarm says too much": change(KIND.alarm, "ApiErrorsAlarm", (inputs) => {
      inputs.alarmDescription = `${"so much ".repeat(130)}${inputs.alarmDescription}`;
    }),
  },
};

/** Planted in dev: what is right in prod is a mistake there. */
export const DEV_MISTAKES: Mistakes = {
  "what holds data is protected and kept in prod, and goes with any other stage": {
    "dev's bucket stays when its stage goes": setOptions(KIND.bucket, "Bucket-data", {
      retainOnDelete: true,
    }),
  },
  "nothing of any stage but prod is protected": {
    "dev's queue is protected": setOptions(KIND.queue, "Queue-chunks", { protect: true }),
  },
  "a bucket is emptied when it is removed, but in prod": {
    "dev's bucket cannot be removed": change(KIND.bucket, "Bucket-data", (inputs) => {
      inputs.forceDestroy = false;
    }),
  },
  "a table refuses to be deleted in prod, and there alone": {
    "dev's ledger cannot be removed": change(KIND.table, "Ledger", (inputs) => {
      inputs.deletionProtectionEnabled = true;
    }),
  },
};
