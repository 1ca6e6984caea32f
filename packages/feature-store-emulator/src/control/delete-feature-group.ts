// Decides: DeleteFeatureGroup.
// Leaves to others: the removal itself (group-passage.ts).
import { z } from "zod";
import { AwsError } from "../aws-error.ts";
import type { Emulator } from "../emulator.ts";
import type { JsonObject } from "../rules/shape.ts";
import { startDeletion } from "./group-passage.ts";
import { nameSchema } from "./group-schema.ts";
import { getGroup, parseInput } from "./request.ts";

const schema = z.object({ FeatureGroupName: nameSchema });

/** Takes no records from now on. @throws ResourceInUse while the group is still being created. */
export function deleteFeatureGroup(emulator: Emulator, input: JsonObject): object {
  const group = getGroup(emulator, parseInput(schema, input).FeatureGroupName);
  if (group.status === "Creating") {
    throw new AwsError("ResourceInUse", 400, `FeatureGroup ${group.name} is being created.`);
  }
  if (group.status === "Created") startDeletion(emulator, group);
  return {};
}
