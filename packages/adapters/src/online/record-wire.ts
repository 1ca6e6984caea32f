// Decides how a record stands on the wire of Feature Store, and how it is read back.
// Leaves the text of each value to core.

import type { TargetStore, FeatureValue as WireValue } from "@aws-sdk/client-sagemaker-featurestore-runtime";
import {
  DataRejectedError,
  type EpochMs,
  EVENT_TIME_FEATURE,
  type FeatureGroup,
  type FeatureRecord,
  type FeatureValue,
  fromFeatureStoreText,
  parseInstant,
  toFeatureStoreText,
  toIso,
  type ValueType,
} from "@steward/core";

/** Every call says which: by default Feature Store appends an offline row as well. */
export const ONLINE_ALONE: TargetStore[] = ["OnlineStore"];
export const BOTH_STORES: TargetStore[] = ["OnlineStore", "OfflineStore"];

/** Identifier and event time first, then the features that have a value. */
export function toWire(group: FeatureGroup, record: FeatureRecord): WireValue[] {
  const wire: WireValue[] = [
    { FeatureName: group.recordIdentifier, ValueAsString: record.recordId },
    { FeatureName: EVENT_TIME_FEATURE, ValueAsString: toIso(record.eventTimeMs) },
  ];
  for (const { name } of group.features) {
    const value = record.features[name];
    if (value !== undefined) wire.push({ FeatureName: name, ValueAsString: toFeatureStoreText(value) });
  }
  return wire;
}

/** Stored features that the definition does not have are left out. @throws DataRejectedError when a text cannot be read as its type. */
export function fromWire(group: FeatureGroup, wire: readonly WireValue[]): FeatureRecord {
  const texts = new Map(wire.map(({ FeatureName, ValueAsString }) => [FeatureName, ValueAsString]));
  const recordId = texts.get(group.recordIdentifier);
  if (recordId === undefined) throw rejected(group, "has no record identifier");
  const features: Record<string, FeatureValue> = {};
  for (const { name, type } of group.features) {
    const text = texts.get(name);
    if (text !== undefined) features[name] = toValue(group, name, text, type);
  }
  return { recordId, eventTimeMs: eventTimeOf(group, wire), features };
}

/** @throws DataRejectedError when there is none, or none of ours: at most three digits of fraction. */
export function eventTimeOf(group: FeatureGroup, wire: readonly WireValue[]): EpochMs {
  const text = wire.find(({ FeatureName }) => FeatureName === EVENT_TIME_FEATURE)?.ValueAsString;
  const eventTimeMs = parseInstant(text ?? "");
  if (eventTimeMs === undefined) throw rejected(group, "has no event time to the millisecond");
  return eventTimeMs;
}

function toValue(group: FeatureGroup, name: string, text: string, type: ValueType): FeatureValue {
  try {
    return fromFeatureStoreText(text, type);
  } catch (error) {
    if (error instanceof RangeError) throw rejected(group, `feature "${name}": ${error.message}`);
    throw error;
  }
}

function rejected(group: FeatureGroup, fault: string): DataRejectedError {
  return new DataRejectedError(`a record of group "${group.name}" in the online store: ${fault}`);
}
