// Decides what a feature may compute over the events of one entity, as data; the engines turn it into their own words.

import { DefinitionError } from "../errors/steward-error.ts";
import { type Duration, parseDurationMs } from "../time/duration.ts";
import type { FeatureValue } from "./value.ts";

export const OPERATORS = ["equals", "notEquals", "less", "lessOrEqual", "greater", "greaterOrEqual"] as const;
export type Operator = (typeof OPERATORS)[number];

/** Keeps the events whose column has a value that stands so to `value`; an event without the value is left out. */
export interface Filter {
  readonly column: string;
  readonly operator: Operator;
  readonly value: FeatureValue;
}

export type Operand = CountOf | SumOf;
interface CountOf {
  readonly kind: "count";
}
interface SumOf {
  readonly kind: "sum";
  readonly column: string;
}

export type Measure =
  | CountOf
  | SumOf
  | { readonly kind: "mean" | "min" | "max" | "latest"; readonly column: string }
  /** `unit: "day"`: instants count as their UTC date. */
  | { readonly kind: "distinctCount"; readonly column: string; readonly unit: "value" | "day" }
  /** The first over the second; no value where the second is 0 or absent. */
  | { readonly kind: "ratio"; readonly numerator: Operand; readonly denominator: Operand };

export interface Aggregation<
  M extends Measure = Measure,
  D extends FeatureValue | undefined = FeatureValue | undefined,
> {
  readonly measure: M;
  /** Half-open [asOf − window, asOf); undefined: all events before the as-of. */
  readonly windowMs: number | undefined;
  readonly filters: readonly Filter[];
  readonly defaultValue: D;
}

/** An aggregation under construction: each method gives a new value. */
export class AggregationBuilder<M extends Measure, D extends FeatureValue | undefined = undefined>
  implements Aggregation<M, D>
{
  readonly measure: M;
  readonly windowMs: number | undefined;
  readonly filters: readonly Filter[];
  readonly defaultValue: D;

  constructor(measure: M, windowMs: number | undefined, filters: readonly Filter[], defaultValue: D) {
    this.measure = Object.freeze(measure);
    this.windowMs = windowMs;
    this.filters = Object.freeze(filters);
    this.defaultValue = defaultValue;
    Object.freeze(this);
  }

  /** Only the events of [asOf − window, asOf). */
  over(window: Duration): AggregationBuilder<M, D> {
    const windowMs = parseDurationMs(window);
    if (windowMs === undefined) {
      throw new DefinitionError(
        `over("${window}"): a window is a whole number and a unit, such as "30 days" or "1 hour"`,
      );
    }
    return new AggregationBuilder(this.measure, windowMs, this.filters, this.defaultValue);
  }

  /** Only the events whose column stands so to the value; several filters must all hold. */
  where(column: string, operator: Operator, value: FeatureValue): AggregationBuilder<M, D> {
    return new AggregationBuilder(
      this.measure,
      this.windowMs,
      [...this.filters, Object.freeze({ column, operator, value })],
      this.defaultValue,
    );
  }

  /** What a reader sees where there is no value. Not stored. */
  default<V extends FeatureValue>(value: V): AggregationBuilder<M, V> {
    return new AggregationBuilder(this.measure, this.windowMs, this.filters, value);
  }
}

/** How many events. 0 where there are none: a count always has a value. */
export const count = () => builder({ kind: "count" });
/** The exact sum of a number column (floats: in the order of event identity); no value where no event has one. */
export const sum = (column: string) => builder({ kind: "sum", column });
/** The mean as a float of the exact sum. */
export const mean = <const C extends string>(column: C) => builder({ kind: "mean", column });
export const min = <const C extends string>(column: C) => builder({ kind: "min", column });
export const max = <const C extends string>(column: C) => builder({ kind: "max", column });
/** The value of the youngest event; among equal event times that of the greatest event identity. */
export const latest = <const C extends string>(column: C) => builder({ kind: "latest", column });
/** How many different values; `unit: "day"` counts the UTC dates of an instant. */
export const distinctCount = <const C extends string>(
  column: C,
  options: { readonly unit?: "value" | "day" } = {},
) => builder({ kind: "distinctCount", column, unit: options.unit ?? "value" });
/** One count or sum over another, of the same window and filters. */
export const ratio = (numerator: Aggregation<Operand>, denominator: Aggregation<Operand>) =>
  builder({ kind: "ratio", numerator: bareOperand(numerator), denominator: bareOperand(denominator) });

function builder<const M extends Measure>(measure: M): AggregationBuilder<M> {
  return new AggregationBuilder<M>(measure, undefined, Object.freeze([]), undefined);
}

function bareOperand(given: Aggregation<Operand>): Operand {
  const { measure, windowMs, filters, defaultValue } = given;
  if (measure.kind !== "count" && measure.kind !== "sum")
    throw new DefinitionError("ratio: takes a count() or a sum()");
  if (windowMs !== undefined || filters.length > 0 || defaultValue !== undefined) {
    throw new DefinitionError("ratio: window, filters and default stand on the ratio, not on its parts");
  }
  return measure;
}
