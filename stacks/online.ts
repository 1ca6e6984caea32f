// Decides how the feature groups of features/ stand in SageMaker Feature Store: one key and one identity policy each, and
// the role by which the service writes their history. Feature Store has no resource policies: identity policies are all.

import { type FeatureGroup, toCreateFeatureGroupInput } from "@steward/core";
import { assumedBy, thisAccount } from "./account.ts";
import { GROUPS } from "./owners.ts";

export interface OnlineParts {
  readonly isProd: boolean;
  /** The key of a group, by its name. */
  readonly keyOf: (group: string) => aws.kms.Key;
  /** The bucket of the offline store. */
  readonly data: aws.s3.Bucket;
  /** The key that the bucket encrypts with, where no group's own is named. */
  readonly dataKey: aws.kms.Key;
}

/** Under it lie `<account>/sagemaker/<region>/offline-store/<group>-<creation>/data/`, as Feature Store lays them. */
export const OFFLINE_PREFIX = "offline";

/** Of an account at the same time (SageMaker guide, "Quotas", read 2026-11-22). */
const CREATED_AT_ONCE = 4;

/** What Steward calls on a group. UpdateRecord is authorised as PutRecord (Service Authorization Reference, 2026-09-26). */
const GROUP_ACTIONS = [
  "sagemaker:BatchGetRecord",
  "sagemaker:BatchWriteRecord",
  "sagemaker:DeleteRecord",
  "sagemaker:DescribeFeatureGroup",
  "sagemaker:GetRecord",
  "sagemaker:ListRecords",
  "sagemaker:PutRecord",
];

export function createOnline(parts: OnlineParts) {
  const database = new aws.glue.CatalogDatabase("OfflineDatabase", {
    name: `${$app.name}_${$app.stage}`.toLowerCase().replaceAll("-", "_"),
    description: "The offline store of the feature groups: tables that Feature Store keeps",
  });
  const writerRole = createWriterRole(parts, database);
  const created: CreatedGroup[] = [];
  for (const group of GROUPS) {
    const before = created.at(-CREATED_AT_ONCE)?.resource;
    created.push(createGroup(group, parts, database, writerRole, before));
  }
  const groups = new Map(created.map((group) => [group.name, group]));
  return {
    database,
    writerRole,
    names: GROUPS.map(({ name }) => name),
    /** @throws Error for a group that features/ does not declare. */
    group(name: string) {
      const found = groups.get(name);
      if (found === undefined) throw new Error(`no feature group "${name}" in features/`);
      return found;
    },
  };
}
export type Online = ReturnType<typeof createOnline>;

type WriterRole = ReturnType<typeof createWriterRole>;
type CreatedGroup = ReturnType<typeof createGroup>;

function createGroup(
  group: FeatureGroup,
  { isProd, keyOf, data }: OnlineParts,
  database: aws.glue.CatalogDatabase,
  { role, policy }: WriterRole,
  before: aws.sagemaker.FeatureGroup | undefined,
) {
  const kmsKeyId = keyOf(group.name).arn;
  const wanted = toCreateFeatureGroupInput(group, { offlineUri: "", roleArn: "" });
  const ttl = wanted.OnlineStoreConfig.TtlDuration;
  const resource = new aws.sagemaker.FeatureGroup(
    `Group-${group.name}`,
    {
      featureGroupName: wanted.FeatureGroupName,
      recordIdentifierFeatureName: wanted.RecordIdentifierFeatureName,
      eventTimeFeatureName: wanted.EventTimeFeatureName,
      featureDefinitions: wanted.FeatureDefinitions.map(({ FeatureName, FeatureType }) => ({
        featureName: FeatureName,
        featureType: FeatureType,
      })),
      onlineStoreConfig: {
        enableOnlineStore: true,
        // InMemory takes no key of the customer's and keeps no offline store beside it (SageMaker guide, "Online store",
        // read 2026-11-22).
        storageType: "Standard",
        securityConfig: { kmsKeyId },
        ...(ttl && { ttlDuration: { unit: ttl.Unit, value: ttl.Value } }),
      },
      offlineStoreConfig: {
        s3StorageConfig: { s3Uri: $interpolate`s3://${data.bucket}/${OFFLINE_PREFIX}`, kmsKeyId },
        tableFormat: wanted.OfflineStoreConfig.TableFormat,
        disableGlueTableCreation: false,
        dataCatalogConfig: {
          catalog: "AwsDataCatalog",
          database: database.name,
          tableName: tableOf(group.name),
        },
      },
      // Provisioned units would have to follow each refresh and rebuild.
      throughputConfig: { throughputMode: "OnDemand" },
      roleArn: role.arn,
      ...(wanted.Description !== undefined && { description: wanted.Description }),
      tags: Object.fromEntries(wanted.Tags.map(({ Key, Value }) => [Key, Value])),
    },
    {
      // A group that is made anew is empty online, and its history lies under another path.
      protect: isProd,
      retainOnDelete: isProd,
      dependsOn: before === undefined ? [policy] : [policy, before],
      // What a definition gained the next run adds; the provider would make the group anew for it.
      ignoreChanges: ["featureDefinitions"],
    },
  );
  const access = new aws.iam.Policy(`Group-${group.name}-Access`, {
    description: `Steward's access to feature group ${group.name}`,
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: GROUP_ACTIONS, Resource: resource.arn },
        { Effect: "Allow", Action: "kms:Decrypt", Resource: kmsKeyId, Condition: throughFeatureStore() },
      ],
    }),
  });
  return { name: group.name, arn: resource.arn, resource, policy: access };
}

/** Athena's names take no hyphen without quotes. */
function tableOf(group: string): string {
  return group.replaceAll("-", "_");
}

/** A key that is used through Feature Store alone: no reader of records can open anything else with it. */
export function throughFeatureStore() {
  const service = $interpolate`sagemaker.${thisAccount().region}.amazonaws.com`;
  return { StringEquals: { "kms:ViaService": service } };
}

/** Feature Store assumes it to write history to the bucket, and to keep the tables. */
function createWriterRole({ data, dataKey, keyOf }: OnlineParts, database: aws.glue.CatalogDatabase) {
  const account = thisAccount();
  const role = new aws.iam.Role("FeatureStoreWriterRole", {
    description: "What SageMaker Feature Store writes the offline store with",
    assumeRolePolicy: assumedBy("sagemaker.amazonaws.com", {
      // Whether it says for whom it comes its guide tells of training, pipelines
      // and more, and not of Feature Store ("Cross-service confused deputy prevention", read 2026-11-25): silence is let in too.
      StringEqualsIfExists: { "aws:SourceAccount": account.accountId },
      ArnLikeIfExists: { "aws:SourceArn": account.arn("sagemaker", "*") },
    }),
  });
  const policy = new aws.iam.RolePolicy("FeatureStoreWriterPolicy", {
    role: role.name,
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [
        // SageMaker guide, "Set up permissions for the offline store", read 2026-11-22.
        { Effect: "Allow", Action: "s3:GetBucketAcl", Resource: data.arn },
        {
          Effect: "Allow",
          Action: ["s3:PutObject", "s3:PutObjectAcl"],
          Resource: $interpolate`${data.arn}/${OFFLINE_PREFIX}/*`,
        },
        {
          Effect: "Allow",
          Action: ["kms:GenerateDataKey", "kms:Decrypt"],
          Resource: [dataKey.arn, ...GROUPS.map(({ name }) => keyOf(name).arn)],
        },
        {
          Effect: "Allow",
          Action: [
            "glue:BatchCreatePartition",
            "glue:CreateTable",
            "glue:GetDatabase",
            "glue:GetPartition",
            "glue:GetTable",
            "glue:UpdateTable",
          ],
          Resource: [
            account.arn("glue", "catalog"),
            account.arn("glue", $interpolate`database/${database.name}`),
            ...GROUPS.map(({ name }) =>
              account.arn("glue", $interpolate`table/${database.name}/${tableOf(name)}`),
            ),
          ],
        },
      ],
    }),
  });
  return { role, policy };
}
