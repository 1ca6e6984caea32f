// Decides: DescribeFeatureMetadata and UpdateFeatureMetadata: a description and parameters of one feature.
// Leaves to others: the features themselves (create-feature-group.ts, update-feature-group.ts).
import { z } from "zod";
import { AwsError, resourceLimitExceeded } from "../aws-error.ts";
import type { Emulator } from "../emulator.ts";
import { FEATURE_PARAMETERS_MAX } from "../rules/limits.ts";
import type { JsonObject } from "../rules/shape.ts";
import type { FeatureDefinition, FeatureGroup, FeatureMetadata } from "../store/feature-group.ts";
import { nameOrArnSchema, nameSchema, TAG_TEXT } from "./group-schema.ts";
import { fromPairs, toPairs, withoutKeys } from "./pairs.ts";
import { getGroup, parseInput, toTimestamp } from "./request.ts";

const parameterText = z.string().min(1).max(255).regex(TAG_TEXT, "Member must be a parameter's text");
const describeSchema = z.object({ FeatureGroupName: nameOrArnSchema, FeatureName: nameSchema });
const updateSchema = describeSchema.extend({
  Description: z.string().max(255).optional(),
  ParameterAdditions: z
    .array(z.object({ Key: parameterText, Value: parameterText }))
    .max(FEATURE_PARAMETERS_MAX)
    .optional(),
  ParameterRemovals: z.array(parameterText).max(FEATURE_PARAMETERS_MAX).optional(),
});

export function describeFeatureMetadata(emulator: Emulator, input: JsonObject): object {
  const { FeatureGroupName, FeatureName } = parseInput(describeSchema, input);
  const group = getGroup(emulator, FeatureGroupName);
  const feature = getFeature(group, FeatureName);
  const { description, parameters, modifiedAtMs } = metadataOf(group, FeatureName);
  return {
    FeatureGroupArn: group.arn,
    FeatureGroupName: group.name,
    FeatureName,
    FeatureType: feature.type,
    CreationTime: toTimestamp(group.definition.createdAtMs),
    LastModifiedTime: toTimestamp(modifiedAtMs),
    ...(description !== undefined && { Description: description }),
    Parameters: fromPairs(parameters),
  };
}

/** Removals come first, so that a key in both is there afterwards. @throws ResourceLimitExceeded above 25 parameters. */
export function updateFeatureMetadata(emulator: Emulator, input: JsonObject): object {
  const change = parseInput(updateSchema, input);
  const group = getGroup(emulator, change.FeatureGroupName);
  getFeature(group, change.FeatureName);
  const before = metadataOf(group, change.FeatureName);
  const parameters = {
    ...withoutKeys(before.parameters, change.ParameterRemovals ?? []),
    ...toPairs(change.ParameterAdditions ?? []),
  };
  if (Object.keys(parameters).length > FEATURE_PARAMETERS_MAX)
    throw resourceLimitExceeded(`A feature has at most ${FEATURE_PARAMETERS_MAX} parameters`);
  const description = change.Description ?? before.description;
  const metadata: FeatureMetadata = {
    ...(description !== undefined && { description }),
    parameters,
    modifiedAtMs: emulator.clock.nowMs(),
  };
  const featureMetadata = { ...group.definition.featureMetadata, [change.FeatureName]: metadata };
  emulator.groups.replace(group, group.status, { ...group.definition, featureMetadata });
  return {};
}

function getFeature(group: FeatureGroup, name: string): FeatureDefinition {
  const feature = group.slots.get(name);
  if (feature !== undefined) return feature;
  throw new AwsError(
    "ResourceNotFound",
    400,
    `Resource Not Found: Amazon SageMaker can't find a feature with name ${name} in FeatureGroup ${group.name}`,
  );
}

function metadataOf({ definition }: FeatureGroup, name: string): FeatureMetadata {
  const known = Object.entries(definition.featureMetadata ?? {}).find(([feature]) => feature === name);
  return known?.[1] ?? { parameters: {}, modifiedAtMs: definition.createdAtMs };
}
