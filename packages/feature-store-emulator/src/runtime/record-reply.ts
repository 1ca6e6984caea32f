// Decides: how a stored record is spelled in a reply.
// Leaves to others: which record (get-record.ts, batch-get-record.ts).
import { findSlot } from "../rules/record-values.ts";
import { toExpiresAtText } from "../rules/time-to-live.ts";
import type { FeatureGroup, FeatureSlot } from "../store/feature-group.ts";
import type { ReadableRecord } from "../store/records-table.ts";

/** The features a reader asked for, or all, in the order of the definition. @throws ValidationError for an unknown one. */
export function readFeatureNames(
  group: FeatureGroup,
  names: readonly string[] | undefined,
): readonly FeatureSlot[] {
  if (names === undefined || names.length === 0) return [...group.slots.values()];
  const slots = new Set(names.map((name) => findSlot(group, name)));
  return [...slots].sort((a, b) => a.ordinal - b.ordinal);
}

/** The members Record and, if wanted and set, ExpiresAt. Features without a value are left out: there is no null. */
export function toRecordReply(
  record: ReadableRecord,
  slots: readonly FeatureSlot[],
  withExpiresAt: boolean,
): object {
  const features = [];
  for (const slot of slots) {
    const value = record.values[slot.ordinal] ?? null;
    if (typeof value === "string") features.push({ FeatureName: slot.name, ValueAsString: value });
    else if (value !== null) features.push({ FeatureName: slot.name, ValueAsStringList: value });
  }
  if (!withExpiresAt || record.expiresAtMs === null) return { Record: features };
  return { Record: features, ExpiresAt: toExpiresAtText(record.expiresAtMs) };
}
