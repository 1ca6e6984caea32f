// Decides: which stores of a feature group one write reaches.
// Leaves to others: what is written there.
import { validationError } from "../aws-error.ts";
import type { FeatureGroup } from "../store/feature-group.ts";
import { isAbsent, readChoice, readList } from "./shape.ts";

export interface TargetStores {
  readonly online: boolean;
  readonly offline: boolean;
}

const STORES = ["OnlineStore", "OfflineStore"] as const;

/** The named stores, or all that the group has when none is named. @throws ValidationError for one it lacks. */
export function readTargetStores(value: unknown, group: FeatureGroup): TargetStores {
  if (isAbsent(value)) return { online: group.hasOnline, offline: group.hasOffline };
  const names = readList(value, "targetStores", { minCount: 1, maxCount: 2 });
  const stores = names.map((name) => readChoice(name, "targetStores.member", STORES));
  const target = { online: stores.includes("OnlineStore"), offline: stores.includes("OfflineStore") };
  if (target.online && !group.hasOnline) throw notEnabled("OnlineStore", group);
  if (target.offline && !group.hasOffline) throw notEnabled("OfflineStore", group);
  return target;
}

function notEnabled(store: string, group: FeatureGroup): Error {
  return validationError(`${store} is not enabled for the FeatureGroup ${group.name}`);
}
