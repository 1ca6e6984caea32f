// Decides: UpdateFeatureGroup: features added, and the group's default time to live.
// Leaves to others: records already written, which keep the expiry they had.
import { z } from "zod";
import { AwsError, validationException } from "../aws-error.ts";
import type { Emulator } from "../emulator.ts";
import { FEATURE_ADDITIONS_MAX, FEATURE_DEFINITIONS_MAX } from "../rules/limits.ts";
import type { JsonObject } from "../rules/shape.ts";
import type { FeatureGroup, GroupDefinition } from "../store/feature-group.ts";
import {
  type FeatureDefinitionInput,
  featureDefinitionSchema,
  nameOrArnSchema,
  toFeatureDefinition,
  ttlSchema,
} from "./group-schema.ts";
import { getGroup, parseInput } from "./request.ts";

type Ttl = z.infer<typeof ttlSchema>;

/** A TtlDuration whose members are null, which are gone by now, removes the default. */
const ttlChangeSchema = z.union([ttlSchema, z.strictObject({})]);
const schema = z.object({
  FeatureGroupName: nameOrArnSchema,
  FeatureAdditions: z.array(featureDefinitionSchema).min(1).max(FEATURE_ADDITIONS_MAX).optional(),
  OnlineStoreConfig: z.object({ TtlDuration: ttlChangeSchema.optional() }).optional(),
});

/** Takes effect at once. @throws ValidationException unless exactly one thing changes, and can. */
export function updateFeatureGroup(emulator: Emulator, input: JsonObject): object {
  const change = parseInput(schema, input);
  const group = getGroup(emulator, change.FeatureGroupName);
  if (group.status !== "Created")
    throw new AwsError("ResourceInUse", 400, `FeatureGroup ${group.name} is ${group.status}.`);
  const { FeatureAdditions, OnlineStoreConfig } = change;
  if ((FeatureAdditions === undefined) === (OnlineStoreConfig?.TtlDuration === undefined)) {
    throw validationException(
      "UpdateFeatureGroup changes one of FeatureAdditions and OnlineStoreConfig.TtlDuration a call",
    );
  }
  const changed =
    FeatureAdditions === undefined
      ? withTtl(group, OnlineStoreConfig?.TtlDuration ?? {})
      : withFeatures(group, FeatureAdditions);
  const modifiedAtMs = Math.max(emulator.clock.nowMs(), group.definition.createdAtMs + 1);
  emulator.groups.replace(group, group.status, { ...changed, modifiedAtMs });
  return { FeatureGroupArn: group.arn };
}

function withTtl(group: FeatureGroup, ttl: Ttl | Record<string, never>): GroupDefinition {
  const { online, echoed } = group.definition;
  if (online === undefined) throw validationException("TtlDuration needs an OnlineStore");
  const { TtlDuration: _before, ...onlineConfig } = Object(echoed.OnlineStoreConfig);
  const { storageType } = online;
  if (!isTtl(ttl)) {
    return {
      ...group.definition,
      online: { storageType },
      echoed: { ...echoed, OnlineStoreConfig: onlineConfig },
    };
  }
  return {
    ...group.definition,
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
