// Decides: AddTags, ListTags and DeleteTags, for feature groups alone.
// Leaves to others: the tags that a group is created with (create-feature-group.ts).
import { z } from "zod";
import { resourceLimitExceeded } from "../aws-error.ts";
import type { Emulator } from "../emulator.ts";
import { TAGS_MAX } from "../rules/limits.ts";
import type { JsonObject } from "../rules/shape.ts";
import type { FeatureGroup } from "../store/feature-group.ts";
import { TAG_TEXT } from "./group-schema.ts";
import { fromPairs, type Pairs, toPairs, withoutKeys } from "./pairs.ts";
import { getGroup, parseInput } from "./request.ts";

const keySchema = z.string().min(1).max(128).regex(TAG_TEXT, "Member must be a tag key");
const arnSchema = z.string().max(256).regex(/^arn:/, "Member must be an ARN");
export const tagsSchema = z
  .array(
    z.object({ Key: keySchema, Value: z.string().max(256).regex(TAG_TEXT, "Member must be a tag value") }),
  )
  .max(TAGS_MAX);

const addSchema = z.object({ ResourceArn: arnSchema, Tags: tagsSchema });
const listSchema = z.object({ ResourceArn: arnSchema });
const deleteSchema = z.object({ ResourceArn: arnSchema, TagKeys: z.array(keySchema).min(1).max(TAGS_MAX) });

/** A tag of the same key is replaced. @throws ResourceLimitExceeded above 50 tags. */
export function addTags(emulator: Emulator, input: JsonObject): object {
  const { ResourceArn, Tags: added } = parseInput(addSchema, input);
  const group = getGroup(emulator, ResourceArn);
  const tags = { ...group.definition.tags, ...toPairs(added) };
  if (Object.keys(tags).length > TAGS_MAX)
    throw resourceLimitExceeded(`A FeatureGroup has at most ${TAGS_MAX} tags`);
  setTags(emulator, group, tags);
  return { Tags: fromPairs(tags) };
}

/** All of them: 50 are one page. */
export function listTags(emulator: Emulator, input: JsonObject): object {
  const group = getGroup(emulator, parseInput(listSchema, input).ResourceArn);
  return { Tags: fromPairs(group.definition.tags ?? {}) };
}

/** Keys that are not there count as removed. */
export function deleteTags(emulator: Emulator, input: JsonObject): object {
  const { ResourceArn, TagKeys } = parseInput(deleteSchema, input);
  const group = getGroup(emulator, ResourceArn);
  setTags(emulator, group, withoutKeys(group.definition.tags ?? {}, TagKeys));
  return {};
}

function setTags(emulator: Emulator, group: FeatureGroup, tags: Pairs): void {
  emulator.groups.replace(group, group.status, { ...group.definition, tags });
}
