// Decides what a reader sees where a record, or one feature of it, has no value: the declared default, else null.

import { toIso } from "../time/epoch-ms.ts";
import type { FeatureGroup } from "./feature-group.ts";
import type { FeatureRecord, FeatureValue } from "./value.ts";

export type FeatureView = Readonly<Record<string, FeatureValue | null>>;

/** The features of a record that is not there: what fail-soft serving answers. Every declared feature, names ascending. */
export function defaultSnapshot(group: FeatureGroup): FeatureView {
  return Object.freeze(
    Object.fromEntries(group.features.map(({ name, defaultValue }) => [name, defaultValue ?? null])),
  );
}

/** A row of `get` and `export`: the same shape for the three stores. */
export interface RecordRow {
  readonly group: string;
  readonly recordId: string;
  readonly eventTime: string;
  readonly features: FeatureView;
}

/** The record as readers see it: every declared feature, its value, else its default, else null. */
export function toRow(group: FeatureGroup, record: FeatureRecord): RecordRow {
  const { recordId } = record;
  return {
    group: group.name,
    recordId,
    eventTime: toIso(record.eventTimeMs),
    features: Object.fromEntries(
      group.features.map(({ name, defaultValue }) => [name, findValue(record, name) ?? defaultValue ?? null]),
    ),
  };
}

/** The features of the record that show their default because nothing is stored, names ascending. */
export function defaultedFeatures(group: FeatureGroup, record: FeatureRecord): readonly string[] {
  return group.features
    .filter(({ name, defaultValue }) => defaultValue !== undefined && findValue(record, name) === undefined)
    .map(({ name }) => name);
}

/** A feature may be called `constructor`: what every object inherits is no value. */
function findValue({ features }: FeatureRecord, name: string): FeatureValue | undefined {
  return Object.hasOwn(features, name) ? features[name] : undefined;
}
