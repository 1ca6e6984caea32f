// Decides what a feature group is once it is declared: a frozen, checked value that everything else is derived from.
// Leaves the declaring and its checks to declare-feature-group.ts.

import type { Aggregation } from "./aggregation.ts";
import type { Entity } from "./entity.ts";
import type { Source } from "./source.ts";
import type { FeatureValue, ValueType } from "./value.ts";

export interface Feature {
  readonly name: string;
  readonly aggregation: Aggregation;
  readonly type: ValueType;
  /** What a reader sees where the record has no value; undefined: null. */
  readonly defaultValue: FeatureValue | undefined;
}

/** What writes a group: a batch run (refresh), or the consumer of its source's stream. */
export type WritePath = "batch" | "stream";

export interface FeatureGroup {
  /** `[a-z0-9-]`, fixed at creation. */
  readonly name: string;
  readonly entity: Entity;
  readonly source: Source;
  /** Batch and stream never write the same group: a put replaces the whole record. */
  readonly path: WritePath;
  /** The source's column that names the record, and the name of the record identifier feature. */
  readonly recordIdentifier: string;
  /** The tenant: `[a-z0-9-]`, prefix of its hot keys. */
  readonly owner: string;
  readonly pii: boolean;
  /** Ascending by name, so that equal definitions are equal values. */
  readonly features: readonly Feature[];
  /** Entity name → source column, where a row names a subject that is not its record. */
  readonly subjectColumns: Readonly<Record<string, string>>;
  readonly ttlMs: number | undefined;
  readonly scheduleMs: number | undefined;
  readonly freshnessMs: number | undefined;
  /** How old a record may grow in the offline store, by its own date; undefined: any age. */
  readonly historyMs: number | undefined;
  readonly description: string;
}

/** Every entity that a computation over this group's source concerns. */
export function entitiesOf(group: FeatureGroup): readonly string[] {
  return [...new Set([group.entity.name, ...Object.keys(group.subjectColumns)])];
}
