// Mistakes in who may do what: identities, roles, keys, what buckets and functions let in, tenants.

import { KIND } from "../rules/kinds.ts";
import { add, allow, change, changePolicy, copy, type Mistakes, trust, without } from "./plant.ts";

const DATA_KEY = "arn:aws:kms:us-east-1:123456789012:key/key-DataKey";
const FOR_ACCOUNT = { StringEquals: { "aws:SourceAccount": "123456789012" } };
const DATA = "arn:aws:s3:::steward-prod-data-123456789012";
const LETTERS = "arn:aws:sqs:us-east-1:123456789012:steward-prod-chunk-dead-letters";
const PURCHASES = "arn:aws:sagemaker:us-east-1:123456789012:feature-group/customer-purchases";

export const IDENTITY_MISTAKES: Mistakes = {
  "no policy allows an action by a wildcard, or all but some": {
    "a function may do everything in S3": allow("RolePolicy-refresh-check-output", "s3:*", `${DATA}/*`),
    "a function may do whatever begins with Get": allow(
      "RolePolicy-api-run-get",
      "dynamodb:Get*",
      "arn:aws:dynamodb:us-east-1:123456789012:table/steward-prod-ledger",
    ),
    "a function may do all but delete": changePolicy(KIND.rolePolicy, "RolePolicy-api-run-get", (old) => [
      ...old,
      { Effect: "Allow", NotAction: "s3:DeleteObject", Resource: `${DATA}/*` },
    ]),
    "a queue takes every call of a service": changePolicy(KIND.queuePolicy, "RuleLettersPolicy", (old) =>
      old.map((each) => (each.Effect === "Allow" ? { ...each, Action: "sqs:*" } : each)),
    ),
  },
  "a policy allows on any resource only what any-resource.ts gives a reason for": {
    "a function may send to any queue": allow("RolePolicy-refresh-enqueue-chunks", "sqs:SendMessage", "*"),
    "a function may read any table of the account": allow(
      "RolePolicy-api-run-get",
      "dynamodb:GetItem",
      "arn:aws:dynamodb:us-east-1:123456789012:table/*",
    ),
    "a job may put figures into any namespace": allow("JobPolicy", "cloudwatch:PutMetricData", "*"),
  },
  "nobody may make an identity or take another's": {
    "a function may pass a role on": allow(
      "RolePolicy-rebuild-plan-rebuild",
      "iam:PassRole",
      "arn:aws:iam::123456789012:role/FeatureStoreWriterRole",
    ),
    "a job may take a role": allow(
      "JobPolicy",
      "sts:AssumeRole",
      "arn:aws:iam::123456789012:role/ScheduleRole",
    ),
  },
  "there are roles and policies of this stage alone: no user, no access key, no group, no policy of AWS's": {
    "there is a user": add("aws:iam/user:User", "Deployer"),
    "there is an access key": add("aws:iam/accessKey:AccessKey", "DeployerKey", { user: "Deployer" }),
    "a role is the account's administrator": change(KIND.role, "Role-api-run-get", (inputs) => {
      inputs.managedPolicyArns = ["arn:aws:iam::aws:policy/AdministratorAccess"];
    }),
  },
  "every policy is of a size that IAM takes": {
    "a function has more policy than a role may carry": allow(
      "RolePolicy-upkeep-attend-alarms",
      Array.from({ length: 300 }, (_, index) => `s3:GetObject${index}`),
      `${DATA}/*`,
    ),
  },
  "every role of this stage has a policy of its own, and no policy belongs to a role that is not here": {
    "a policy was forgotten": without(KIND.rolePolicy, "SchedulePolicy"),
    "a policy hangs on a role of another stage": change(KIND.rolePolicy, "SchedulePolicy", (inputs) => {
      inputs.role = "steward-dev-ScheduleRole";
    }),
  },
  "a function or job may do nothing that no call of its own bundle takes": {
    "a job may write records online": allow("JobPolicy", "sagemaker:PutRecord", PURCHASES),
    "a function that writes nothing may send chunks": allow(
      "RolePolicy-api-groups-list",
      "sqs:SendMessage",
      "arn:aws:sqs:us-east-1:123456789012:steward-prod-chunks",
    ),
    "the API may sign certificates": allow(
      "RolePolicy-api-erasure-certificate",
      "kms:Sign",
      "arn:aws:kms:us-east-1:123456789012:key/key-SigningKey",
    ),
    "a reader of records may delete them": allow(
      "RolePolicy-upkeep-check-freshness",
      "sagemaker:DeleteRecord",
      PURCHASES,
    ),
  },
  "a function that reads the hot store alone signs in as nobody who writes": {
    "the API signs in as a writer": allow(
      "RolePolicy-api-freshness-list",
      "elasticache:Connect",
      "arn:aws:elasticache:us-east-1:123456789012:user:steward-prod-growth-writer",
    ),
  },
  "nobody removes evidence, or takes a lock from it": {
    "a function may remove versions of evidence": allow(
      "RolePolicy-erasure-erase-offline",
      "s3:DeleteObjectVersion",
      "arn:aws:s3:::steward-prod-evidence-123456789012/*",
    ),
    "a function may pass over a lock, under a condition": allow(
      "RolePolicy-erasure-erase-offline",
      "s3:BypassGovernanceRetention",
      "arn:aws:s3:::steward-*/*",
      FOR_ACCOUNT,
    ),
  },
};

export const TRUST_MISTAKES: Mistakes = {
  "each role lets in one service, on behalf of this account": {
    "a role lets in the whole account": trust(
      "JobRole",
      { AWS: "arn:aws:iam::123456789012:root" },
      FOR_ACCOUNT,
    ),
    "a role lets in two services": trust(
      "ScheduleRole",
      { Service: ["scheduler.amazonaws.com", "lambda.amazonaws.com"] },
      FOR_ACCOUNT,
    ),
    "a role serves schedules of every account": trust(
      "ScheduleRole",
      { Service: "scheduler.amazonaws.com" },
      {},
    ),
    "a role lets schedules in that do not say whose": trust(
      "ScheduleRole",
      { Service: "scheduler.amazonaws.com" },
      { StringEqualsIfExists: FOR_ACCOUNT.StringEquals },
    ),
    "a role may shut its own service out": trust(
      "FeatureStoreWriterRole",
      { Service: "sagemaker.amazonaws.com" },
      { ...FOR_ACCOUNT, StringEqualsIfExists: FOR_ACCOUNT.StringEquals },
    ),
    "a role lets in a service of a second statement": changePolicy(
      KIND.role,
      "WorkflowRole-refresh",
      (old) => [
        ...old,
        { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" },
      ],
      "assumeRolePolicy",
    ),
  },
  "what takes a role finds it here, and is let in": {
    "a function takes the role of a machine": change(KIND.function, "Function-api-run-get", (inputs) => {
      inputs.role = "arn:aws:iam::123456789012:role/WorkflowRole-replay";
    }),
    "a job takes a role that nobody made": change(KIND.job, "Job-refresh-customer-purchases", (inputs) => {
      inputs.roleArn = "arn:aws:iam::123456789012:role/GlueDefault";
    }),
  },
  "each role is taken by one thing alone, or SHARED_ROLES says why": {
    "two functions share a role": change(KIND.function, "Function-api-run-get", (inputs) => {
      inputs.role = "arn:aws:iam::123456789012:role/Role-api-run-cancel";
    }),
    "a role is left over": copy(KIND.role, "Role-api-run-get", "Role-api-run-put", () => {}),
  },
};

export const KEY_MISTAKES: Mistakes = {
  "a key's policy lets in this account and services that it names, no one else": {
    "a key lets in another account": changePolicy(KIND.key, "AuditKey", (old) => [
      ...old,
      {
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::999999999999:root" },
        Action: "kms:Decrypt",
        Resource: "*",
      },
    ]),
    "a key lets in everybody": changePolicy(KIND.key, "PagesKey", (old) => [
      ...old,
      { Effect: "Allow", Principal: "*", Action: "kms:Decrypt", Resource: "*" },
    ]),
  },
  "a key serves a service on behalf of this account alone": {
    "a key serves trails of every account": changePolicy(KIND.key, "AuditKey", (old) =>
      old.map(({ Condition, ...each }) => each),
    ),
  },
  "every key rotates, but one that signs": {
    "a key does not rotate": change(KIND.key, "DataKey", (inputs) => {
      inputs.enableKeyRotation = false;
    }),
    "a key goes within a week": change(KIND.key, "EvidenceKey", (inputs) => {
      inputs.deletionWindowInDays = 7;
    }),
  },
  "nobody is allowed more of a key than to use it": {
    "a function may take a key away": allow(
      "RolePolicy-erasure-finish-erasure",
      "kms:ScheduleKeyDeletion",
      DATA_KEY,
    ),
  },
  "who opens data with a key does so through services by name": {
    "a function opens whatever the key closed": allow("RolePolicy-api-run-get", "kms:Decrypt", DATA_KEY),
    "a function opens it through any service": allow("RolePolicy-api-run-get", "kms:Decrypt", DATA_KEY, {
      StringEquals: { "kms:ViaService": ["*"] },
    }),
  },
};

export const RESOURCE_POLICY_MISTAKES: Mistakes = {
  "every bucket, queue and topic refuses what comes without TLS": {
    "a bucket has no policy": without(KIND.bucketPolicy, "Policy-data"),
    "a queue takes messages without TLS": changePolicy(KIND.queuePolicy, "QueuePolicy-chunks", () => []),
    "a topic refuses nothing": changePolicy(KIND.topicPolicy, "PagesPolicy", (old) =>
      old.filter(({ Effect }) => Effect === "Allow"),
    ),
  },
  "no bucket, queue or topic lets in anybody but services by name, on behalf of this account": {
    "a bucket lets everybody read": changePolicy(KIND.bucketPolicy, "Policy-data", (old) => [
      ...old,
      { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: `${DATA}/*` },
    ]),
    "a queue takes messages of anybody's rules": changePolicy(KIND.queuePolicy, "RuleLettersPolicy", (old) =>
      old.map(({ Condition, ...each }) => (each.Effect === "Allow" ? each : { ...each, Condition })),
    ),
    "another account reads dead letters": changePolicy(
      KIND.queuePolicy,
      "QueuePolicy-chunk-dead-letters",
      (old) => [
        ...old,
        {
          Effect: "Allow",
          Principal: { AWS: "999999999999" },
          Action: "sqs:ReceiveMessage",
          Resource: LETTERS,
          Condition: FOR_ACCOUNT,
        },
      ],
    ),
  },
  "a function is called by one service, from one source of this account": {
    "a function is called by every rule there is": change(
      KIND.permission,
      "RemediationPermission",
      (inputs) => {
        delete inputs.sourceArn;
      },
    ),
    "a function is called by anybody": change(KIND.permission, "RemediationPermission", (inputs) => {
      inputs.principal = "*";
    }),
  },
};

export const TENANCY_MISTAKES: Mistakes = {
  "no tenant's policy reaches another's groups, keys or users": {
    "tenant B reads A": changePolicy(KIND.policy, "Tenant-catalog-Reader", (old) => [
      ...old,
      { Effect: "Allow", Action: "sagemaker:GetRecord", Resource: PURCHASES },
    ]),
    "tenant B reads every group": changePolicy(KIND.policy, "Tenant-catalog-Reader", (old) => [
      ...old,
      {
        Effect: "Allow",
        Action: "sagemaker:GetRecord",
        Resource: PURCHASES.replace("customer-purchases", "*"),
      },
    ]),
    "tenant B signs in as A's writer": changePolicy(KIND.policy, "Tenant-catalog-Writer", (old) => [
      ...old,
      {
        Effect: "Allow",
        Action: "elasticache:Connect",
        Resource: "arn:aws:elasticache:us-east-1:123456789012:user:steward-prod-growth-writer",
      },
    ]),
    "tenant B opens A's key": changePolicy(KIND.policy, "Tenant-catalog-Reader", (old) => [
      ...old,
      {
        Effect: "Allow",
        Action: "kms:Decrypt",
        Resource: DATA_KEY.replace("DataKey", "GroupKey-customer-purchases"),
      },
    ]),
  },
  "no tenant's user of the hot store names another's keys, or any channel": {
    "tenant B's user reads A's keys": change(KIND.user, "HotUser-catalog-reader", (inputs) => {
      inputs.accessString = inputs.accessString.replace("%R~catalog:f:*", "%R~catalog:f:* %R~growth:f:*");
    }),
    "tenant B's user reads all keys": change(KIND.user, "HotUser-catalog-reader", (inputs) => {
      inputs.accessString = inputs.accessString.replace("%R~catalog:f:*", "allkeys");
    }),
  },
  "no user of the hot store beside the tenants' reaches a key of theirs": {
    "the pacer reaches A's keys": change(KIND.user, "HotUser-steward-pacer", (inputs) => {
      inputs.accessString = inputs.accessString.replace("~_pace:*", "~_pace:* ~grow*");
    }),
    "the pacer reaches all keys": change(KIND.user, "HotUser-steward-pacer", (inputs) => {
      inputs.accessString = inputs.accessString.replace("~_pace:*", "~*");
    }),
  },
  "no tenant's user is granted a whole category of commands": {
    "tenant B's user may do everything": change(KIND.user, "HotUser-catalog-writer", (inputs) => {
      inputs.accessString = inputs.accessString.replace("-@all", "+@all");
    }),
  },
  "every feature group has an owner, and the owner a policy to read it by": {
    "a group belongs to nobody": change(KIND.featureGroup, "Group-product-views", (inputs) => {
      delete inputs.tags["steward:owner"];
    }),
  },
};
