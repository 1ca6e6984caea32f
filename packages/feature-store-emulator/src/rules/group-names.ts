// Decides: which texts can name a feature group or a feature, and finds the group that a request names.
// Leaves to others: which error a missing group is, for it differs from one operation to another.
import { groupNotFoundAsValidation, validationError } from "../aws-error.ts";
import type { FeatureGroup } from "../store/feature-group.ts";
import type { GroupsTable } from "../store/groups-table.ts";
import { GROUP_NAME_OR_ARN_CHARS_MAX } from "./limits.ts";

/** Feature groups and features alike: 1 to 64 characters, a letter or digit at both ends. */
export const NAME_PATTERN = /^[a-zA-Z0-9](?:[-_]*[a-zA-Z0-9]){0,63}$/;
export const NAME_CHARS_MAX = 64;
const ARN_PREFIX = /^arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:[0-9]{12}:feature-group\//;

/** The group if it takes records now, else undefined. @throws ValidationError for what can be no name and no ARN. */
export function findReadyGroup(groups: GroupsTable, nameOrArn: string): FeatureGroup | undefined {
  const group = groups.find(nameOrArn);
  if (group !== undefined) return group.status === "Created" && !groups.isHidden(group) ? group : undefined;
  checkNameOrArn(nameOrArn);
  return undefined;
}

/** The group that Put, Get and Delete mean. @throws ValidationError "Resource Not Found", as AWS answers there. */
export function getReadyGroup(groups: GroupsTable, nameOrArn: string): FeatureGroup {
  const group = findReadyGroup(groups, nameOrArn);
  if (group === undefined) throw groupNotFoundAsValidation(nameOrArn);
  return group;
}

function checkNameOrArn(nameOrArn: string): void {
  const name = nameOrArn.replace(ARN_PREFIX, "");
  if (
    nameOrArn.length > GROUP_NAME_OR_ARN_CHARS_MAX ||
    name.length > NAME_CHARS_MAX ||
    !NAME_PATTERN.test(name)
  ) {
    throw validationError(
      "1 validation error detected: Value at 'featureGroupName' failed to satisfy constraint: Member must be the name or the ARN of a FeatureGroup",
    );
  }
}
