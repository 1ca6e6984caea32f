// Decides: ListFeatureGroups: filters, order and pages.
// Leaves to others: what a group is (describe-feature-group.ts).
import { z } from "zod";
import { validationException } from "../aws-error.ts";
import type { Emulator } from "../emulator.ts";
import type { JsonObject } from "../rules/shape.ts";
import type { FeatureGroup } from "../store/feature-group.ts";
import { parseInput, toTimestamp } from "./request.ts";

const PAGE_MAX = 100;
const PAGE_DEFAULT = 10;

const schema = z.object({
  NameContains: z.string().max(64).optional(),
  FeatureGroupStatusEquals: z
    .enum(["Creating", "Created", "CreateFailed", "Deleting", "DeleteFailed"])
    .optional(),
  OfflineStoreStatusEquals: z.enum(["Active", "Blocked", "Disabled"]).optional(),
  CreationTimeAfter: z.number().optional(),
  CreationTimeBefore: z.number().optional(),
  SortBy: z.enum(["Name", "FeatureGroupStatus", "OfflineStoreStatus", "CreationTime"]).optional(),
  SortOrder: z.enum(["Ascending", "Descending"]).optional(),
  MaxResults: z.int().min(1).max(PAGE_MAX).optional(),
  NextToken: z.string().max(8_192).optional(),
});

type Filter = z.infer<typeof schema>;

export function listFeatureGroups(emulator: Emulator, input: JsonObject): object {
  const filter = parseInput(schema, input);
  const groups = emulator.groups.list().filter((group) => isWanted(group, filter));
  const direction = filter.SortOrder === "Descending" ? -1 : 1;
  groups.sort((a, b) => direction * compare(a, b, filter.SortBy ?? "CreationTime"));
  const start = readNextToken(filter.NextToken);
  const end = start + (filter.MaxResults ?? PAGE_DEFAULT);
  const FeatureGroupSummaries = groups.slice(start, end).map(toSummary);
  return end < groups.length ? { FeatureGroupSummaries, NextToken: String(end) } : { FeatureGroupSummaries };
}

function isWanted(group: FeatureGroup, filter: Filter): boolean {
  const createdAt = toTimestamp(group.definition.createdAtMs);
  return (
    group.name.includes(filter.NameContains ?? "") &&
    (filter.FeatureGroupStatusEquals ?? group.status) === group.status &&
    (filter.OfflineStoreStatusEquals === undefined ||
      filter.OfflineStoreStatusEquals === offlineStatus(group)) &&
    createdAt >= (filter.CreationTimeAfter ?? createdAt) &&
    createdAt <= (filter.CreationTimeBefore ?? createdAt)
  );
}

function compare(a: FeatureGroup, b: FeatureGroup, sortBy: NonNullable<Filter["SortBy"]>): number {
  const byId = a.id - b.id;
  if (sortBy === "CreationTime") return a.definition.createdAtMs - b.definition.createdAtMs || byId;
  if (sortBy === "Name") return compareText(a.name, b.name);
  if (sortBy === "FeatureGroupStatus") return compareText(a.status, b.status) || byId;
  return compareText(offlineStatus(a), offlineStatus(b)) || byId;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function offlineStatus(group: FeatureGroup): string {
  return group.hasOffline ? "Active" : "";
}

/** An empty token is none. */
function readNextToken(token: string | undefined): number {
  if (token === undefined || token === "") return 0;
  if (!/^\d{1,9}$/.test(token))
    throw validationException("The NextToken is not one that this operation gave");
  return Number(token);
}

function toSummary(group: FeatureGroup): object {
  return {
    FeatureGroupName: group.name,
    FeatureGroupArn: group.arn,
    CreationTime: toTimestamp(group.definition.createdAtMs),
    FeatureGroupStatus: group.status,
    ...(group.hasOffline && { OfflineStoreStatus: { Status: "Active" } }),
  };
}
