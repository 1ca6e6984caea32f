// Decides: DescribeFeatureGroup.
// Leaves to others: paging above 2,500 features, which no group reaches: there is never a NextToken.
import { z } from "zod";
import type { Emulator } from "../emulator.ts";
import type { JsonObject } from "../rules/shape.ts";
import type { GroupDefinition } from "../store/feature-group.ts";
import { fromFeatureDefinition, nameOrArnSchema } from "./group-schema.ts";
import { getGroup, parseInput, toTimestamp } from "./request.ts";

const schema = z.object({ FeatureGroupName: nameOrArnSchema });

export function describeFeatureGroup(emulator: Emulator, input: JsonObject): object {
  const group = getGroup(emulator, parseInput(schema, input).FeatureGroupName);
  const { definition } = group;
  return {
    ThroughputConfig: { ThroughputMode: "OnDemand" },
    ...definition.echoed,
    FeatureGroupArn: group.arn,
    FeatureDefinitions: definition.features.map(fromFeatureDefinition),
    CreationTime: toTimestamp(definition.createdAtMs),
    LastModifiedTime: toTimestamp(definition.modifiedAtMs),
    FeatureGroupStatus: group.status,
    ...(group.hasOffline && { OfflineStoreStatus: { Status: "Active" } }),
    ...lastUpdateOf(definition),
  };
}

function lastUpdateOf({ updated, modifiedAtMs, createdAtMs }: GroupDefinition): object {
  if (updated !== undefined) return { LastUpdateStatus: { Status: "InProgress" } };
  return modifiedAtMs > createdAtMs ? { LastUpdateStatus: { Status: "Successful" } } : {};
}
