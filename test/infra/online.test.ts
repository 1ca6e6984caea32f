import { toCreateFeatureGroupInput } from "@steward/core";
import * as features from "@steward/features";
import { describe, expect, inject, it } from "vitest";
import { all, type Graph, one, roleStatements, statementsOf } from "./graph.ts";
import { isAllowed } from "./policy-evaluation.ts";

const { dev, prod } = inject("graphs");
const STAGES = [dev, prod];
const GROUPS = Object.values(features);
const GROUP = "aws:sagemaker/featureGroup:FeatureGroup";

const groupOf = (graph: Graph, name: string) => one(graph, GROUP, `Group-${name}`);
const arnOf = (name: string) => `arn:aws:sagemaker:us-east-1:123456789012:feature-group/${name}`;
const accessOf = (graph: Graph, name: string) =>
  statementsOf(one(graph, "aws:iam/policy:Policy", `Group-${name}-Access`).inputs.policy);

describe("feature groups", () => {
  it("are those of features/, no more", () => {
    for (const graph of STAGES)
      expect(all(graph, GROUP).map(({ inputs }) => inputs.featureGroupName)).toEqual(
        GROUPS.map(({ name }) => name).sort(),
      );
  });

  it("stand as core's definition says, in every field", () => {
    for (const graph of STAGES)
      for (const group of GROUPS) {
        const { inputs } = groupOf(graph, group.name);
        const storage = inputs.offlineStoreConfig.s3StorageConfig;
        const wanted = toCreateFeatureGroupInput(group, {
          offlineUri: storage.s3Uri,
          roleArn: inputs.roleArn,
          kmsKeyId: storage.kmsKeyId,
        });
        const Tags = wanted.Tags.toSorted((left, right) => left.Key.localeCompare(right.Key));
        expect(asApi(inputs)).toEqual({ ...wanted, Tags });
      }
  });

  it("have a key each, online and offline, in the store that takes a customer's key", () => {
    for (const graph of STAGES) {
      const keys = GROUPS.map(({ name }) => {
        const { onlineStoreConfig, offlineStoreConfig } = groupOf(graph, name).inputs;
        expect(onlineStoreConfig.storageType).toBe("Standard");
        expect(onlineStoreConfig.securityConfig.kmsKeyId).toBe(offlineStoreConfig.s3StorageConfig.kmsKeyId);
        return onlineStoreConfig.securityConfig.kmsKeyId;
      });
      expect(keys).toEqual(keys.map(() => expect.stringMatching(/^arn:aws:kms:/)));
      expect(new Set(keys).size).toBe(GROUPS.length);
    }
  });

  it("have a table each, in the stage's database", () => {
    for (const graph of STAGES) {
      const database = one(graph, "aws:glue/catalogDatabase:CatalogDatabase", "OfflineDatabase").inputs.name;
      for (const { name } of GROUPS)
        expect(groupOf(graph, name).inputs.offlineStoreConfig).toMatchObject({
          disableGlueTableCreation: false,
          dataCatalogConfig: { database, tableName: name.replaceAll("-", "_") },
        });
      expect(database).toBe(`steward_${graph.stage}`);
    }
  });

  it("are kept and protected in prod, and go with the stage in dev", () => {
    for (const { name } of GROUPS) {
      expect(groupOf(prod, name).options).toMatchObject({ protect: true, retainOnDelete: true });
      expect(groupOf(dev, name).options.protect ?? false).toBe(false);
    }
  });

  it("have a policy each that opens this group, with its key through Feature Store alone, and no other", () => {
    const through = { "kms:ViaService": "sagemaker.us-east-1.amazonaws.com" };
    for (const graph of STAGES)
      for (const { name } of GROUPS) {
        const statements = accessOf(graph, name);
        const key = groupOf(graph, name).inputs.onlineStoreConfig.securityConfig.kmsKeyId;
        const others = GROUPS.filter((other) => other.name !== name);
        expect(isAllowed(statements, { action: "sagemaker:PutRecord", resource: arnOf(name) })).toBe(true);
        expect(isAllowed(statements, { action: "kms:Decrypt", resource: key, context: through })).toBe(true);
        expect(isAllowed(statements, { action: "kms:Decrypt", resource: key })).toBe(false);
        for (const other of others)
          expect(isAllowed(statements, { action: "sagemaker:GetRecord", resource: arnOf(other.name) })).toBe(
            false,
          );
      }
  });
});

describe("the role of Feature Store", () => {
  it("is taken by SageMaker for no other account", () => {
    for (const graph of STAGES) {
      const { inputs } = one(graph, "aws:iam/role:Role", "FeatureStoreWriterRole");
      expect(statementsOf(inputs.assumeRolePolicy)).toEqual([
        {
          Effect: "Allow",
          Principal: { Service: "sagemaker.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: {
            StringEqualsIfExists: { "aws:SourceAccount": "123456789012" },
            ArnLikeIfExists: { "aws:SourceArn": "arn:aws:sagemaker:us-east-1:123456789012:*" },
          },
        },
      ]);
    }
  });

  it("writes below the offline store's prefix, and neither reads nor deletes there", () => {
    for (const graph of STAGES) {
      const role = one(graph, "aws:iam/role:Role", "FeatureStoreWriterRole");
      const statements = roleStatements(graph, role);
      const uri = groupOf(graph, "customer-purchases").inputs.offlineStoreConfig.s3StorageConfig.s3Uri;
      const below = `${uri.replace("s3://", "arn:aws:s3:::")}/a.parquet`;
      const bucket = below.split("/")[0];
      expect(isAllowed(statements, { action: "s3:PutObject", resource: below })).toBe(true);
      expect(isAllowed(statements, { action: "s3:PutObject", resource: `${bucket}/elsewhere` })).toBe(false);
      for (const action of ["s3:GetObject", "s3:DeleteObject", "s3:DeleteObjectVersion"])
        expect(isAllowed(statements, { action, resource: below })).toBe(false);
    }
  });
});

/** The provider's words in those of CreateFeatureGroup; what no definition decides is left out. */
function asApi(inputs: ReturnType<typeof groupOf>["inputs"]) {
  const { onlineStoreConfig: online, offlineStoreConfig: offline } = inputs;
  return {
    FeatureGroupName: inputs.featureGroupName,
    RecordIdentifierFeatureName: inputs.recordIdentifierFeatureName,
    EventTimeFeatureName: inputs.eventTimeFeatureName,
    FeatureDefinitions: inputs.featureDefinitions.map(
      ({ featureName, featureType }: { featureName: string; featureType: string }) => ({
        FeatureName: featureName,
        FeatureType: featureType,
      }),
    ),
    OnlineStoreConfig: {
      EnableOnlineStore: online.enableOnlineStore,
      SecurityConfig: { KmsKeyId: online.securityConfig.kmsKeyId },
      ...(online.ttlDuration && {
        TtlDuration: { Unit: online.ttlDuration.unit, Value: online.ttlDuration.value },
      }),
    },
    OfflineStoreConfig: {
      S3StorageConfig: {
        S3Uri: offline.s3StorageConfig.s3Uri,
        KmsKeyId: offline.s3StorageConfig.kmsKeyId,
      },
      TableFormat: offline.tableFormat,
    },
    RoleArn: inputs.roleArn,
    ...(inputs.description !== undefined && { Description: inputs.description }),
    Tags: Object.entries(inputs.tags).map(([Key, Value]) => ({ Key, Value })),
  };
}
