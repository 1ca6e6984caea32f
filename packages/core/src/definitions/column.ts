// Decides which types a source column may declare, and how a text cell of that type must look.

import type { ValueType } from "./value.ts";

export interface Column<T extends ValueType = ValueType> {
  readonly type: T;
  /** False: a row without this value is set aside. */
  readonly optional: boolean;
}

/** Any text; an empty cell is no value. */
export const text = (): Column<{ readonly kind: "text" }> => column({ kind: "text" });
/** A whole number within ±(2^53 − 1), digits only. */
export const integer = (): Column<{ readonly kind: "integer" }> => column({ kind: "integer" });
/** A number with at most `scale` digits after the point and `precision` in all; more digits are refused, never rounded. */
export const decimal = (precision: number, scale: number): Column<DecimalType> =>
  column({ kind: "decimal", precision, scale });
/** A finite double. */
export const float = (): Column<{ readonly kind: "float" }> => column({ kind: "float" });
/** `2026-01-31` (midnight UTC) or `2026-01-31T08:00:00[.123](Z|+02:00)`. */
export const instant = (): Column<{ readonly kind: "instant" }> => column({ kind: "instant" });
/** `2026-01-31`. */
export const date = (): Column<{ readonly kind: "date" }> => column({ kind: "date" });
/** `true` or `false`. */
export const boolean = (): Column<{ readonly kind: "boolean" }> => column({ kind: "boolean" });
/** The same column where a cell may be empty. */
export const optional = <T extends ValueType>(given: Column<T>): Column<T> =>
  Object.freeze({ ...given, optional: true });

interface DecimalType {
  readonly kind: "decimal";
  readonly precision: number;
  readonly scale: number;
}

function column<T extends ValueType>(type: T): Column<T> {
  return Object.freeze({ type: Object.freeze(type), optional: false });
}
