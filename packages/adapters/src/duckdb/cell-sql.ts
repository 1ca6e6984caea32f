// Decides, in SQL, whether the text of a cell says a value of its column's type exactly, and which value.
// DuckDB's own casts are lax (3.999 → 4.00, 0x1f → 31, 1997-1-1, NaN), so each is held to the text it came from:
// first by writing the value out again, which is quick and settles nearly all cells, then by a pattern.

import {
  type EpochMs,
  MAX_EPOCH_MS,
  MIN_EPOCH_MS,
  quoteText,
  type SetAsideRule,
  timestampSql,
  type ValueType,
} from "@steward/core";

/** The most that Feature Store takes of one value: 350 KB (developer guide, quotas; read 2026-11-23). */
export const MAX_VALUE_BYTES = 358_400;
/** The longest record identifier that the stores take. */
export const MAX_IDENTIFIER_BYTES = 2_048;

/** Rules by number, as the rows carry them while they are checked. */
export const CELL_RULES = [
  "required",
  "type",
  "range",
  "after-arrival",
] as const satisfies readonly SetAsideRule[];
type CellRule = (typeof CELL_RULES)[number];

export interface CellColumn {
  readonly type: ValueType;
  readonly optional: boolean;
  /** Whether it names a subject: never empty, and short. */
  readonly isIdentifier: boolean;
  /** For the column that dates the event: later than this is refused. */
  readonly notAfterMs: EpochMs | undefined;
}

export interface CellSql {
  /** The value of the cell, or NULL; says something only where the cell passes. */
  readonly value: string;
  /** True for cells that surely pass; false or NULL says nothing yet. Cheap. */
  readonly passes: string;
  /** The number of the broken rule, counted from 1; 0 where none is. */
  readonly brokenRule: string;
}

/** SQL over two columns: `raw`, the text of the cell (NULL when empty), and `value`, what `value` of this gave. */
export function cellSql(column: CellColumn, raw: string, value: string): CellSql {
  const maxBytes = column.isIdentifier ? MAX_IDENTIFIER_BYTES : MAX_VALUE_BYTES;
  const kind = kindSql(column.type, maxBytes, raw, value);
  const mayBeEmpty = column.optional && !column.isIdentifier;
  const arrived =
    column.notAfterMs === undefined ? undefined : `${value} <= ${timestampSql(column.notAfterMs)}`;
  const passes = [kind.quick, ...(arrived === undefined ? [] : [arrived])].join(" AND ");
  return {
    value: kind.value,
    passes: mayBeEmpty ? `(${raw} IS NULL OR (${passes}))` : `(${passes})`,
    brokenRule: `CASE
      WHEN ${raw} IS NULL THEN ${mayBeEmpty ? 0 : rule("required")}
      WHEN NOT (${kind.exact}) THEN ${rule("type")}
      WHEN (${kind.within}) IS NOT TRUE THEN ${rule("range")}
      ${arrived === undefined ? "" : `WHEN NOT (${arrived}) THEN ${rule("after-arrival")}`}
      ELSE 0 END`,
  };
}

/** The type of the column in an event file. Instants are TIMESTAMP: microseconds, UTC, without a zone. */
export function eventTypeSql(type: ValueType): string {
  switch (type.kind) {
    case "text":
      return "VARCHAR";
    case "integer":
      return "BIGINT";
    case "decimal":
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case "float":
      return "DOUBLE";
    case "instant":
      return "TIMESTAMP";
    case "date":
      return "DATE";
    case "boolean":
      return "BOOLEAN";
  }
}

interface KindSql {
  readonly value: string;
  /** Surely of the type, and within it. */
  readonly quick: string;
  /** Of the type, decided in full; never NULL for a text. */
  readonly exact: string;
  /** Within what the type and the stores hold. */
  readonly within: string;
}

const INTEGER = "-?[0-9]+";
const FLOAT = String.raw`-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?`;
/** No zone is further from UTC than 14 hours. */
const OFFSET = "(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)";
const TIME = String.raw`([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,3})?`;
const INSTANT = `[0-9]{4}-[0-9]{2}-[0-9]{2}T${TIME}${OFFSET}`;
const DATE_LENGTH = 10;
const SAFE = Number.MAX_SAFE_INTEGER;

function kindSql(type: ValueType, maxBytes: number, raw: string, value: string): KindSql {
  const sameText = `CAST(${value} AS VARCHAR) = ${raw}`;
  const cast = `TRY_CAST(${raw} AS ${eventTypeSql(type)})`;
  switch (type.kind) {
    case "text": {
      const within = `strlen(${raw}) <= ${maxBytes}`;
      return { value: raw, quick: within, exact: "TRUE", within };
    }
    case "boolean": {
      const exact = `${raw} IN ('true', 'false')`;
      return { value: cast, quick: exact, exact, within: "TRUE" };
    }
    case "integer": {
      const within = `${value} BETWEEN ${-SAFE} AND ${SAFE}`;
      return {
        value: cast,
        // One byte that casts is a digit: most counts need no more.
        quick: `CASE WHEN strlen(${raw}) = 1 THEN ${value} IS NOT NULL ELSE ${sameText} AND ${within} END`,
        exact: matches(raw, INTEGER),
        within,
      };
    }
    case "decimal": {
      const pattern = type.scale === 0 ? INTEGER : String.raw`-?[0-9]+(\.[0-9]{1,${type.scale}})?`;
      return { value: cast, quick: sameText, exact: matches(raw, pattern), within: `${value} IS NOT NULL` };
    }
    case "float": {
      const exact = matches(raw, FLOAT);
      // A Parquet dictionary cannot tell −0 from 0, so there is but one zero.
      const within = `isfinite(${value})`;
      return { value: `${cast} + 0.0::DOUBLE`, quick: `${exact} AND ${within}`, exact, within };
    }
    case "date": {
      const exact = `coalesce(strlen(${raw}) = ${DATE_LENGTH} AND ${sameText}, FALSE)`;
      return { value: cast, quick: exact, exact, within: "TRUE" };
    }
    case "instant":
      return instantSql(raw, value);
  }
}

function instantSql(raw: string, value: string): KindSql {
  const minutes = `(CAST(${raw}[-5:-4] AS BIGINT) * 60 + CAST(${raw}[-2:] AS BIGINT))`;
  const local = (suffixLength: number) => `TRY_CAST(${raw}[:-${suffixLength + 1}] AS TIMESTAMP)`;
  const date = `strlen(${raw}) = ${DATE_LENGTH}`;
  const sameDate = `CAST(CAST(${value} AS DATE) AS VARCHAR) = ${raw}`;
  const within = `${value} BETWEEN ${timestampSql(MIN_EPOCH_MS)} AND ${timestampSql(MAX_EPOCH_MS)}`;
  return {
    value: `CASE
      WHEN ${date} THEN CAST(TRY_CAST(${raw} AS DATE) AS TIMESTAMP)
      WHEN NOT ${matches(raw, INSTANT)} THEN NULL
      WHEN ends_with(${raw}, 'Z') THEN ${local(1)}
      WHEN ${raw}[-6] = '-' THEN ${local(6)} + to_minutes(${minutes})
      ELSE ${local(6)} - to_minutes(${minutes}) END`,
    // A date that is written out in ten bytes has a year of four digits.
    quick: `CASE WHEN ${date} THEN ${sameDate} ELSE ${within} END`,
    exact: `coalesce(CASE WHEN ${date} THEN ${sameDate} ELSE ${value} IS NOT NULL END, FALSE)`,
    within,
  };
}

function matches(raw: string, pattern: string): string {
  return `regexp_full_match(${raw}, ${quoteText(pattern)})`;
}

function rule(name: CellRule): number {
  return CELL_RULES.indexOf(name) + 1;
}
