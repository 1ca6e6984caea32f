// Decides which type a measure's value has, and which columns, filters and defaults go with it.

import { parseInstant, toIso } from "../time/epoch-ms.ts";
import { type Filter, type Measure, OPERATORS, type Operand } from "./aggregation.ts";
import { findColumn, type Source } from "./source.ts";
import type { FeatureValue, ValueType } from "./value.ts";

/** Digits that a double holds of any decimal (IEEE 754, DBL_DIG). */
export const MAX_FEATURE_DIGITS = 15;

export type Problem = { readonly problem: string };

const NUMBERS = new Set(["integer", "decimal", "float"]);
const ORDERED = new Set(["integer", "decimal", "float", "instant", "date"]);

/** The type of the measure's value, or what is wrong with its columns. */
export function measureType(measure: Measure, source: Source): ValueType | Problem {
  switch (measure.kind) {
    case "count":
      return { kind: "integer" };
    case "distinctCount": {
      const type = columnType(measure.column, source);
      if ("problem" in type) return type;
      if (measure.unit !== "day" && measure.unit !== "value")
        return { problem: `distinctCount counts by "value" or "day", not "${measure.unit}"` };
      if (measure.unit === "day" && type.kind !== "instant" && type.kind !== "date") {
        return {
          problem: `distinctCount by day takes an instant or a date, and "${measure.column}" is ${type.kind}`,
        };
      }
      return { kind: "integer" };
    }
    case "sum":
      return sumType(measure.column, source);
    case "mean": {
      const type = sumType(measure.column, source);
      return "problem" in type ? type : { kind: "float" };
    }
    case "min":
    case "max": {
      const type = columnType(measure.column, source);
      if ("problem" in type || ORDERED.has(type.kind)) return type;
      return {
        problem: `${measure.kind} takes a number, an instant or a date, and "${measure.column}" is ${type.kind}`,
      };
    }
    case "latest":
      return columnType(measure.column, source);
    case "ratio": {
      const problem = [measure.numerator, measure.denominator]
        .map((part) => operandProblem(part, source))
        .find(Boolean);
      return problem ?? { kind: "float" };
    }
  }
}

/** What is wrong with a filter; undefined: nothing. */
export function filterRule(filter: Filter, source: Source): string | undefined {
  const type = columnType(filter.column, source);
  if ("problem" in type) return `where: ${type.problem}`;
  if (!OPERATORS.includes(filter.operator))
    return `where: the operator must be one of ${OPERATORS.join(", ")}, not "${filter.operator}"`;
  if (filter.operator !== "equals" && filter.operator !== "notEquals" && !ORDERED.has(type.kind)) {
    return `where: "${filter.operator}" needs an ordered column, and "${filter.column}" is ${type.kind}`;
  }
  const problem = valueProblem(filter.value, type);
  return problem === undefined ? undefined : `where "${filter.column}": the value ${problem}`;
}

/** What is wrong with a default for a feature of this type; undefined: nothing. */
export function defaultRule(value: FeatureValue | undefined, type: ValueType): string | undefined {
  if (value === undefined) return undefined;
  const problem = valueProblem(value, type);
  return problem === undefined ? undefined : `default ${problem}`;
}

function sumType(column: string, source: Source): ValueType | Problem {
  const type = columnType(column, source);
  if ("problem" in type) return type;
  if (!NUMBERS.has(type.kind))
    return { problem: `a sum or mean takes a number, and "${column}" is ${type.kind}` };
  if (type.kind !== "decimal") return type;
  return { kind: "decimal", precision: Math.max(MAX_FEATURE_DIGITS, type.scale), scale: type.scale };
}

function columnType(column: string, source: Source): ValueType | Problem {
  const declared = findColumn(source.columns, column);
  return declared?.type ?? { problem: `names "${column}", which is not a column of source "${source.name}"` };
}

function operandProblem(operand: Operand, source: Source): Problem | undefined {
  if (operand.kind === "count") return undefined;
  const type = sumType(operand.column, source);
  return "problem" in type ? type : undefined;
}

/** What is wrong with a value of this type; undefined: nothing. */
export function valueProblem(value: FeatureValue, type: ValueType): string | undefined {
  switch (type.kind) {
    case "text":
      return typeof value === "string" ? undefined : "must be text";
    case "boolean":
      return typeof value === "boolean" ? undefined : "must be true or false";
    case "integer":
      return Number.isSafeInteger(value) ? undefined : "must be a whole number within ±(2^53 − 1)";
    case "decimal":
      return isDecimal(value, type.scale)
        ? undefined
        : `must be a number with at most ${type.scale} digits after the point and ${MAX_FEATURE_DIGITS} in all`;
    case "float":
      return typeof value === "number" && Number.isFinite(value) ? undefined : "must be a finite number";
    case "instant":
      return typeof value === "string" && isCanonicalInstant(value)
        ? undefined
        : 'must be an instant such as "2026-01-31T00:00:00.000Z"';
    case "date":
      return typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value) && parseInstant(value) !== undefined
        ? undefined
        : 'must be a date such as "2026-01-31"';
  }
}

function isCanonicalInstant(text: string): boolean {
  const instant = parseInstant(text);
  return instant !== undefined && toIso(instant) === text;
}

function isDecimal(value: FeatureValue, scale: number): boolean {
  if (typeof value !== "number" || !Number.isFinite(value)) return false;
  const text = value.toFixed(Math.min(scale, 100));
  return Number(text) === value && text.replace(/[-.]/g, "").replace(/^0+/, "").length <= MAX_FEATURE_DIGITS;
}
