// Decides: CreateFeatureGroup: which groups can exist, and where their offline rows will lie.
// Leaves to others: the passage from Creating to Created (group-passage.ts).
import { z } from "zod";
import { AwsError, resourceLimitExceeded, validationException } from "../aws-error.ts";
import type { Emulator } from "../emulator.ts";
import { CREATIONS_AT_ONCE_MAX, FEATURE_DEFINITIONS_MAX } from "../rules/limits.ts";
import type { JsonObject } from "../rules/shape.ts";
import type { GroupDefinition } from "../store/feature-group.ts";
import { startCreation } from "./group-passage.ts";
import {
  featureDefinitionSchema,
  nameSchema,
  storageTypeSchema,
  toFeatureDefinition,
  ttlSchema,
} from "./group-schema.ts";
import { toPairs } from "./pairs.ts";
import { parseInput } from "./request.ts";
import { tagsSchema } from "./tags.ts";
import { checkThroughput, throughputSchema } from "./throughput.ts";

const onlineSchema = z.object({
  EnableOnlineStore: z.boolean().optional(),
  SecurityConfig: z.object({ KmsKeyId: z.string().optional() }).optional(),
  StorageType: storageTypeSchema.optional(),
  TtlDuration: ttlSchema.optional(),
});
const offlineSchema = z.object({
  S3StorageConfig: z.object({
    S3Uri: z
      .string()
      .max(1_024)
      .regex(/^(https|s3):\/\/[^/]+/, "Member must be an S3 URI"),
    KmsKeyId: z.string().optional(),
  }),
  DisableGlueTableCreation: z.boolean().optional(),
  DataCatalogConfig: z
    .object({ TableName: z.string(), Catalog: z.string(), Database: z.string() })
    .optional(),
  TableFormat: z.enum(["Default", "Glue", "Iceberg"]).optional(),
});
const schema = z.object({
  FeatureGroupName: nameSchema,
  RecordIdentifierFeatureName: nameSchema,
  EventTimeFeatureName: nameSchema,
  FeatureDefinitions: z.array(featureDefinitionSchema).min(1).max(FEATURE_DEFINITIONS_MAX),
  OnlineStoreConfig: onlineSchema.optional(),
  OfflineStoreConfig: offlineSchema.optional(),
  ThroughputConfig: throughputSchema.optional(),
  RoleArn: z.string().min(20).max(2_048).optional(),
  Description: z.string().max(128).optional(),
  Tags: tagsSchema.optional(),
});

type Input = z.infer<typeof schema>;

/** @throws ValidationException; ResourceInUse when the name is taken (while its group is being deleted, too);
 * ResourceLimitExceeded beyond a quota. */
export function createFeatureGroup(emulator: Emulator, input: JsonObject): object {
  const parsed = parseInput(schema, input);
  checkFeatures(parsed);
  checkStores(parsed);
  const name = parsed.FeatureGroupName;
  if (emulator.groups.find(name) !== undefined) {
    throw new AwsError(
      "ResourceInUse",
      400,
      `Resource Already Exists: FeatureGroup with name ${name} already exists.`,
    );
  }
  checkQuotas(emulator);
  const { accountId, region } = emulator.settings;
  const arn = `arn:aws:sagemaker:${region}:${accountId}:feature-group/${name}`;
  const definition = toDefinition(emulator, parsed);
  const group = emulator.database.transactions.transact(() => emulator.groups.add(name, arn, definition));
  startCreation(emulator, group);
  return { FeatureGroupArn: arn };
}

function checkQuotas(emulator: Emulator): void {
  const groups = emulator.groups.list();
  const { maxGroups } = emulator.settings;
  if (groups.length >= maxGroups)
    throw resourceLimitExceeded(`An account has at most ${maxGroups} FeatureGroups`);
  if (groups.filter(({ status }) => status === "Creating").length >= CREATIONS_AT_ONCE_MAX)
    throw resourceLimitExceeded(`At most ${CREATIONS_AT_ONCE_MAX} FeatureGroups are created at once`);
}

function checkFeatures(input: Input): void {
  const features = new Map(input.FeatureDefinitions.map((feature) => [feature.FeatureName, feature]));
  if (features.size < input.FeatureDefinitions.length)
    throw validationException("Each FeatureName must be unique");
  const identifier = features.get(input.RecordIdentifierFeatureName);
  const eventTime = features.get(input.EventTimeFeatureName);
  if (identifier === undefined || eventTime === undefined || identifier === eventTime) {
    throw validationException(
      "FeatureDefinitions must contain the record identifier and the event time feature",
    );
  }
  if (identifier.CollectionType ?? eventTime.CollectionType) {
    throw validationException("The record identifier and the event time feature must not be collections");
  }
  if (eventTime.FeatureType === "Integral") {
    throw validationException("The event time feature must be of type String or Fractional");
  }
  if (input.OfflineStoreConfig?.TableFormat === "Iceberg" && eventTime.FeatureType !== "String") {
    throw validationException("With the Iceberg table format the event time feature must be of type String");
  }
}

function checkStores(input: Input): void {
  const isOnline = input.OnlineStoreConfig?.EnableOnlineStore === true;
  const isOffline = input.OfflineStoreConfig !== undefined;
  const isInMemory = isOnline && input.OnlineStoreConfig?.StorageType === "InMemory";
  if (!isOnline && !isOffline)
    throw validationException("A FeatureGroup needs an OnlineStore, an OfflineStore or both");
  if (isInMemory && isOffline)
    throw validationException("A FeatureGroup of StorageType InMemory has no OfflineStore");
  if (input.ThroughputConfig !== undefined) {
    const { StorageType } = input.OnlineStoreConfig ?? {};
    checkThroughput(input.ThroughputConfig, isOnline ? (StorageType ?? "Standard") : undefined);
  }
  if (!isOnline && input.OnlineStoreConfig?.TtlDuration !== undefined) {
    throw validationException("TtlDuration needs an OnlineStore");
  }
  if (isOffline && input.RoleArn === undefined) throw validationException("An OfflineStore needs a RoleArn");
  if (!isInMemory && input.FeatureDefinitions.some((feature) => feature.CollectionType !== undefined)) {
    throw validationException("Collections need an OnlineStore of StorageType InMemory");
  }
}

function toDefinition(emulator: Emulator, input: Input): GroupDefinition {
  const nowMs = emulator.clock.nowMs();
  const online = input.OnlineStoreConfig?.EnableOnlineStore === true ? input.OnlineStoreConfig : undefined;
  const ttl = online?.TtlDuration;
  const { FeatureDefinitions, OnlineStoreConfig, OfflineStoreConfig, Tags, ...rest } = input;
  return {
    recordIdName: input.RecordIdentifierFeatureName,
    eventTimeName: input.EventTimeFeatureName,
    features: FeatureDefinitions.map(toFeatureDefinition),
    ...(online !== undefined && {
      online: {
        storageType: online.StorageType ?? "Standard",
        ...(ttl !== undefined && { ttl: { unit: ttl.Unit, value: ttl.Value } }),
      },
    }),
    hasOffline: OfflineStoreConfig !== undefined,
    echoed: {
      ...rest,
      ...(OnlineStoreConfig !== undefined && { OnlineStoreConfig }),
      ...(OfflineStoreConfig !== undefined && {
        OfflineStoreConfig: toResolved(emulator, input, OfflineStoreConfig, nowMs),
      }),
    },
    createdAtMs: nowMs,
    modifiedAtMs: nowMs,
    ...(Tags !== undefined && { tags: toPairs(Tags) }),
  };
}

/** Adds what AWS fills in: the data path, and the names in the Glue catalog. */
function toResolved(
  emulator: Emulator,
  input: Input,
  offline: NonNullable<Input["OfflineStoreConfig"]>,
  nowMs: number,
): object {
  const { accountId, region } = emulator.settings;
  const folder = `${input.FeatureGroupName}-${Math.floor(nowMs / 1_000)}`;
  const root = offline.S3StorageConfig.S3Uri.replace(/\/+$/, "");
  const ResolvedOutputS3Uri = `${root}/${accountId}/sagemaker/${region}/offline-store/${folder}/data`;
  const DisableGlueTableCreation = offline.DisableGlueTableCreation ?? false;
  const DataCatalogConfig = offline.DataCatalogConfig ?? {
    TableName: folder.replaceAll("-", "_").toLowerCase(),
    Catalog: "AwsDataCatalog",
    Database: "sagemaker_featurestore",
  };
  return {
    ...offline,
    S3StorageConfig: { ...offline.S3StorageConfig, ResolvedOutputS3Uri },
    DisableGlueTableCreation,
    ...(!DisableGlueTableCreation && { DataCatalogConfig }),
  };
}
