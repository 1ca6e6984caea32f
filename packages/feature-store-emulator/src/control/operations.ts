// Decides: which X-Amz-Target is which operation of the control plane. Add one here and in a file beside it.
// Leaves to others: the operations.
import { createFeatureGroup } from "./create-feature-group.ts";
import { deleteFeatureGroup } from "./delete-feature-group.ts";
import { describeFeatureGroup } from "./describe-feature-group.ts";
import { describeFeatureMetadata, updateFeatureMetadata } from "./feature-metadata.ts";
import { listFeatureGroups } from "./list-feature-groups.ts";
import type { ControlOperation } from "./request.ts";
import { addTags, deleteTags, listTags } from "./tags.ts";
import { updateFeatureGroup } from "./update-feature-group.ts";

/** By the whole value of the header. */
export const controlOperations: ReadonlyMap<string, ControlOperation> = new Map([
  ["SageMaker.AddTags", addTags],
  ["SageMaker.CreateFeatureGroup", createFeatureGroup],
  ["SageMaker.DeleteFeatureGroup", deleteFeatureGroup],
  ["SageMaker.DeleteTags", deleteTags],
  ["SageMaker.DescribeFeatureGroup", describeFeatureGroup],
  ["SageMaker.DescribeFeatureMetadata", describeFeatureMetadata],
  ["SageMaker.ListFeatureGroups", listFeatureGroups],
  ["SageMaker.ListTags", listTags],
  ["SageMaker.UpdateFeatureGroup", updateFeatureGroup],
  ["SageMaker.UpdateFeatureMetadata", updateFeatureMetadata],
]);
