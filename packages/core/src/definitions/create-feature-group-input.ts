// Decides how a group stands in SageMaker Feature Store: the input of CreateFeatureGroup.
// Source: API_CreateFeatureGroup and the quotas page of the SageMaker guide, read 2026-11-22.

import type { FeatureGroup } from "./feature-group.ts";
import type { ValueType } from "./value.ts";

/** The event time feature of every group: ISO-8601 text with three digits of fraction. */
export const EVENT_TIME_FEATURE = "event_time";

export interface FeatureGroupPlacement {
  /** `s3://bucket/prefix` of the offline store. */
  readonly offlineUri: string;
  readonly roleArn: string;
  /** Keys that encrypt the two stores; undefined: the service's own. */
  readonly kmsKeyId?: string;
}

type FeatureType = "Integral" | "Fractional" | "String";

export interface CreateFeatureGroupInput {
  readonly FeatureGroupName: string;
  readonly RecordIdentifierFeatureName: string;
  readonly EventTimeFeatureName: string;
  readonly FeatureDefinitions: { FeatureName: string; FeatureType: FeatureType }[];
  readonly OnlineStoreConfig: {
    EnableOnlineStore: true;
    SecurityConfig?: { KmsKeyId: string };
    TtlDuration?: { Unit: "Seconds"; Value: number };
  };
  readonly OfflineStoreConfig: { S3StorageConfig: { S3Uri: string; KmsKeyId?: string }; TableFormat: "Glue" };
  readonly RoleArn: string;
  readonly Description?: string;
  readonly Tags: { Key: string; Value: string }[];
}

/** Features ascending by name, after record identifier and event time; tags owner, entity and pii. */
export function toCreateFeatureGroupInput(
  group: FeatureGroup,
  placement: FeatureGroupPlacement,
): CreateFeatureGroupInput {
  const { kmsKeyId } = placement;
  return {
    FeatureGroupName: group.name,
    RecordIdentifierFeatureName: group.recordIdentifier,
    EventTimeFeatureName: EVENT_TIME_FEATURE,
    FeatureDefinitions: [
      { FeatureName: group.recordIdentifier, FeatureType: "String" },
      { FeatureName: EVENT_TIME_FEATURE, FeatureType: "String" },
      ...group.features.map(({ name, type }) => ({ FeatureName: name, FeatureType: featureType(type) })),
    ],
    OnlineStoreConfig: {
      EnableOnlineStore: true,
      ...(kmsKeyId === undefined ? {} : { SecurityConfig: { KmsKeyId: kmsKeyId } }),
      ...(group.ttlMs === undefined ? {} : { TtlDuration: { Unit: "Seconds", Value: group.ttlMs / 1_000 } }),
    },
    OfflineStoreConfig: {
      S3StorageConfig: {
        S3Uri: placement.offlineUri,
        ...(kmsKeyId === undefined ? {} : { KmsKeyId: kmsKeyId }),
      },
      TableFormat: "Glue",
    },
    RoleArn: placement.roleArn,
    ...(group.description === "" ? {} : { Description: group.description }),
    Tags: [
      { Key: "steward:owner", Value: group.owner },
      { Key: "steward:entity", Value: group.entity.name },
      { Key: "steward:pii", Value: String(group.pii) },
    ],
  };
}

function featureType(type: ValueType): FeatureType {
  switch (type.kind) {
    case "integer":
    case "boolean":
      return "Integral";
    case "decimal":
    case "float":
      return "Fractional";
    case "text":
    case "instant":
    case "date":
      return "String";
  }
}
