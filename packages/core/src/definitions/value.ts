// Decides which kinds of value a column or a feature may have, and what a record of features is.

import type { EpochMs } from "../time/epoch-ms.ts";

/** The type of a feature's value. Decimals are exact while computed and at most 15 digits as a feature, so that a double holds them. */
export type ValueType =
  | { readonly kind: "text" }
  | { readonly kind: "integer" }
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number }
  | { readonly kind: "float" }
  | { readonly kind: "instant" }
  | { readonly kind: "date" }
  | { readonly kind: "boolean" };

/** In memory: text, instants (ISO-8601, three digits of fraction, `Z`) and dates (`yyyy-MM-dd`) are strings. */
export type FeatureValue = string | number | boolean;

/** One record of a feature group. A feature without a value is absent from `features`; the record identifier is not among them. */
export interface FeatureRecord {
  readonly recordId: string;
  readonly eventTimeMs: EpochMs;
  readonly features: Readonly<Record<string, FeatureValue>>;
  /** The value of the feature that is at this place in the group's definition, where it costs less than `features`. */
  readonly valueAt?: (index: number) => FeatureValue | undefined;
}
