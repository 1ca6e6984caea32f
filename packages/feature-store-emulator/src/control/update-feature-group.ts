// Decides: UpdateFeatureGroup: features added, the default time to live, storage type, throughput.
// Leaves to others: records already written, which keep the expiry they had.
import { z } from "zod";
import { AwsError, validationException } from "../aws-error.ts";
import type { Emulator } from "../emulator.ts";
import { FEATURE_ADDITIONS_MAX, FEATURE_DEFINITIONS_MAX } from "../rules/limits.ts";
import type { JsonObject } from "../rules/shape.ts";
import type { FeatureGroup, GroupDefinition, StorageType } from "../store/feature-group.ts";
import { startUpdate } from "./group-passage.ts";
import {
  type FeatureDefinitionInput,
  featureDefinitionSchema,
  nameOrArnSchema,
  storageTypeSchema,
  toFeatureDefinition,
  ttlSchema,
} from "./group-schema.ts";
import { getGroup, parseInput } from "./request.ts";
import { throughputSchema, withThroughput } from "./throughput.ts";

type Ttl = z.infer<typeof ttlSchema>;

/** A TtlDuration whose members are null, which are gone by now, removes the default. */
const ttlChangeSchema = z.union([ttlSchema, z.strictObject({})]);
const schema = z.object({
  FeatureGroupName: nameOrArnSchema,
  FeatureAdditions: z.array(featureDefinitionSchema).min(1).max(FEATURE_ADDITIONS_MAX).optional(),
  OnlineStoreConfig: z
    .object({ TtlDuration: ttlChangeSchema.optional(), StorageType: storageTypeSchema.optional() })
    .optional(),
  ThroughputConfig: throughputSchema.optional(),
});

/** Takes effect after a while, as a creation does. @throws ValidationException unless exactly one thing changes, and can. */
export function updateFeatureGroup(emulator: Emulator, input: JsonObject): object {
  const change = parseInput(schema, input);
  const group = getGroup(emulator, change.FeatureGroupName);
  if (group.status !== "Created")
    throw new AwsError("ResourceInUse", 400, `FeatureGroup ${group.name} is ${group.status}.`);
  if (group.definition.updated !== undefined)
    throw new AwsError("ResourceInUse", 400, `FeatureGroup ${group.name} is being updated.`);
  const nowMs = emulator.clock.nowMs();
  const changed = toChanged(group, change, nowMs);
  const modifiedAtMs = Math.max(nowMs, group.definition.createdAtMs + 1);
  startUpdate(emulator, group, { ...changed, modifiedAtMs });
  return { FeatureGroupArn: group.arn };
}

function toChanged(group: FeatureGroup, change: z.infer<typeof schema>, nowMs: number): GroupDefinition {
  const { FeatureAdditions, OnlineStoreConfig, ThroughputConfig } = change;
  const given = [FeatureAdditions, OnlineStoreConfig, ThroughputConfig].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw validationException(
      "UpdateFeatureGroup changes one of FeatureAdditions, OnlineStoreConfig and ThroughputConfig a call",
    );
  }
  if (FeatureAdditions !== undefined) return withFeatures(group, FeatureAdditions);
  if (ThroughputConfig !== undefined) return withThroughput(group.definition, ThroughputConfig, nowMs);
  return withOnlineConfig(group.definition, OnlineStoreConfig ?? {});
}

interface OnlineChange {
  readonly TtlDuration?: Ttl | Record<string, never> | undefined;
  readonly StorageType?: StorageType | undefined;
}

function withOnlineConfig(
  definition: GroupDefinition,
  { TtlDuration, StorageType }: OnlineChange,
): GroupDefinition {
  if (TtlDuration === undefined && StorageType === undefined)
    throw validationException("OnlineStoreConfig must have TtlDuration or StorageType");
  const stored = StorageType === undefined ? definition : withStorageType(definition, StorageType);
  return TtlDuration === undefined ? stored : withTtl(stored, TtlDuration);
}

/** One way: Standard becomes Standard_V2. */
function withStorageType(definition: GroupDefinition, storageType: StorageType): GroupDefinition {
  const { online, echoed } = definition;
  if (online === undefined) throw validationException("StorageType needs an OnlineStore");
  const isPossible =
    online.storageType === storageType ||
    (online.storageType === "Standard" && storageType === "Standard_V2");
  if (!isPossible) {
    throw validationException(
      `An OnlineStore of StorageType ${online.storageType} does not become one of ${storageType}`,
    );
  }
  const OnlineStoreConfig = { ...Object(echoed.OnlineStoreConfig), StorageType: storageType };
  return { ...definition, online: { ...online, storageType }, echoed: { ...echoed, OnlineStoreConfig } };
}

function withTtl(definition: GroupDefinition, ttl: Ttl | Record<string, never>): GroupDefinition {
  const { online, echoed } = definition;
  if (online === undefined) throw validationException("TtlDuration needs an OnlineStore");
  const { TtlDuration: _before, ...onlineConfig } = Object(echoed.OnlineStoreConfig);
  const { storageType } = online;
  if (!isTtl(ttl)) {
    return { ...definition, online: { storageType }, echoed: { ...echoed, OnlineStoreConfig: onlineConfig } };
  }
  return {
    ...definition,
    online: { storageType, ttl: { unit: ttl.Unit, value: ttl.Value } },
    echoed: { ...echoed, OnlineStoreConfig: { ...onlineConfig, TtlDuration: ttl } },
  };
}

function isTtl(ttl: Ttl | Record<string, never>): ttl is Ttl {
  return ttl.Unit !== undefined;
}

function withFeatures(group: FeatureGroup, additions: readonly FeatureDefinitionInput[]): GroupDefinition {
  const features = [...group.definition.features, ...additions.map(toFeatureDefinition)];
  if (new Set(features.map((feature) => feature.name)).size < features.length) {
    throw validationException("Each FeatureName must be unique");
  }
  if (features.length > FEATURE_DEFINITIONS_MAX) {
    throw validationException(`A FeatureGroup has at most ${FEATURE_DEFINITIONS_MAX} features`);
  }
  if (
    group.definition.online?.storageType !== "InMemory" &&
    features.some((f) => f.collection !== undefined)
  ) {
    throw validationException("Collections need an OnlineStore of StorageType InMemory");
  }
  return { ...group.definition, features };
}
