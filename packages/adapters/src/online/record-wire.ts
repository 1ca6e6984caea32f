// Decides how a record stands on the wire of Feature Store, and how it is read back.

import type { FeatureValue as WireValue } from "@aws-sdk/client-sagemaker-featurestore-runtime";
import {
  type EpochMs,
  EVENT_TIME_FEATURE,
  type FeatureGroup,
  type FeatureRecord,
  type FeatureValue,
  fromFeatureStoreText,
  parseInstant,
  toFeatureStoreText,
  toIso,
  UnavailableError,
} from "@steward/core";

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

/** Stored features that the definition does not have are left out. @throws UnavailableError when the record cannot be read as one of the group. */
export function fromWire(group: FeatureGroup, wire: readonly WireValue[]): FeatureRecord {
  const texts = new Map(wire.map(({ FeatureName, ValueAsString }) => [FeatureName, ValueAsString]));
  const recordId = texts.get(group.recordIdentifier);
  const eventTimeMs = parseInstant(texts.get(EVENT_TIME_FEATURE) ?? "");
  if (recordId === undefined || eventTimeMs === undefined) {
    throw new UnavailableError(
      `the online store gave a record of "${group.name}" without identifier or event time`,
    );
  }
  const features: Record<string, FeatureValue> = {};
  for (const { name, type } of group.features) {
    const text = texts.get(name);
    if (text !== undefined) features[name] = fromFeatureStoreText(text, type);
  }
  return { recordId, eventTimeMs: eventTimeMs as EpochMs, features };
}
