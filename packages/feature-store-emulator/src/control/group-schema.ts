// Decides: the shapes that several operations of the control plane share.
// Leaves to others: rules between members (create-feature-group.ts).
import { z } from "zod";
import { NAME_CHARS_MAX, NAME_PATTERN } from "../rules/group-names.ts";
import { INTEGER_MAX } from "../rules/limits.ts";
import { TTL_UNITS } from "../rules/time-to-live.ts";
import type { FeatureDefinition } from "../store/feature-group.ts";

/** The developer guide's quotas page; the service itself adds these three columns offline. Read 2026-11-22. */
const RESERVED_NAMES = ["is_deleted", "write_time", "api_invocation_time"];
const VECTOR_DIMENSION_MAX = 8_192;
const NAME_OR_ARN_CHARS_MAX = 256;

export const nameSchema = z.string().max(NAME_CHARS_MAX).regex(NAME_PATTERN);
export const nameOrArnSchema = z.string().min(1).max(NAME_OR_ARN_CHARS_MAX);
export const ttlSchema = z.object({ Unit: z.enum(TTL_UNITS), Value: z.int().min(1).max(INTEGER_MAX) });

/** What tags and parameters of features may be spelled with. */
export const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
export const storageTypeSchema = z.enum(["Standard", "Standard_V2", "InMemory"]);

export const featureDefinitionSchema = z.object({
  FeatureName: nameSchema.refine(
    (name) => !RESERVED_NAMES.includes(name.toLowerCase()),
    "Member is a reserved name",
  ),
  FeatureType: z.enum(["Integral", "Fractional", "String"]),
  CollectionType: z.enum(["List", "Set", "Vector"]).optional(),
  CollectionConfig: z
    .object({ VectorConfig: z.object({ Dimension: z.int().min(1).max(VECTOR_DIMENSION_MAX) }).optional() })
    .optional(),
});

export type FeatureDefinitionInput = z.infer<typeof featureDefinitionSchema>;

export function toFeatureDefinition(input: FeatureDefinitionInput): FeatureDefinition {
  const dimension = input.CollectionConfig?.VectorConfig?.Dimension;
  return {
    name: input.FeatureName,
    type: input.FeatureType,
    ...(input.CollectionType !== undefined && { collection: input.CollectionType }),
    ...(dimension !== undefined && { vectorDimension: dimension }),
  };
}

export function fromFeatureDefinition(feature: FeatureDefinition): FeatureDefinitionInput {
  return {
    FeatureName: feature.name,
    FeatureType: feature.type,
    ...(feature.collection !== undefined && { CollectionType: feature.collection }),
    ...(feature.vectorDimension !== undefined && {
      CollectionConfig: { VectorConfig: { Dimension: feature.vectorDimension } },
    }),
  };
}
