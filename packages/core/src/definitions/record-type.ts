// Decides, at compile time, which TypeScript type the value of a measure has.

import type { Measure } from "./aggregation.ts";
import type { Column } from "./column.ts";
import type { Columns } from "./source.ts";

type CellOf<C> =
  C extends Column<infer T>
    ? T extends { readonly kind: "text" | "instant" | "date" }
      ? string
      : T extends { readonly kind: "boolean" }
        ? boolean
        : number
    : never;

/** min, max and latest take the column's type; everything else is a number. */
export type MeasureValue<C extends Columns, M extends Measure> = M extends {
  readonly kind: "min" | "max" | "latest";
  readonly column: infer Name;
}
  ? Name extends keyof C
    ? CellOf<C[Name]>
    : never
  : number;
