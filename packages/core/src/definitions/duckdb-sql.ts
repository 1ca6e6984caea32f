// Decides what a refresh computes, in DuckDB's SQL: one SELECT over a relation `events`, one row an entity.
// Leaves to the engine which events are in that relation (files, suppressions, event ids) and how the rows are stored.

import { type EpochMs, MIN_EPOCH_MS, toEpochMs, toIso } from "../time/epoch-ms.ts";
import type { Filter, Measure, Operand, Operator } from "./aggregation.ts";
import type { Feature, FeatureGroup } from "./feature-group.ts";
import { MAX_DECIMAL_DIGITS, type Source } from "./source.ts";
import type { FeatureValue, ValueType } from "./value.ts";

const OPERATOR_SQL: Readonly<Record<Operator, string>> = {
  equals: "=",
  notEquals: "<>",
  less: "<",
  lessOrEqual: "<=",
  greater: ">",
  greaterOrEqual: ">=",
};

/**
 * The SELECT of a refresh at `asOfMs`. Reads a relation `events` with the source's columns, `_file` and `_row`.
 * Gives the record identifier (VARCHAR) and every feature, names ascending: integers and booleans (0, 1) as BIGINT,
 * decimals and floats as DOUBLE, text, instants (`yyyy-MM-ddTHH:mm:ss.SSSZ`) and dates as VARCHAR; NULL where there is no value.
 * A window is [asOf − w, asOf): an event dated as-of is not in it, one dated asOf − w is.
 */
export function refreshSql(group: FeatureGroup, asOfMs: EpochMs): string {
  const context: Context = { source: group.source, asOfMs };
  const columns = group.features.map(
    (feature) => `  ${featureSql(feature, context)} AS ${quoteName(feature.name)}`,
  );
  return [
    `SELECT ${quoteName(group.recordIdentifier)},`,
    columns.join(",\n"),
    "FROM events",
    `WHERE ${eventTimeSql(group.source)} < ${timestampSql(asOfMs)}`,
    `GROUP BY ${quoteName(group.recordIdentifier)}`,
  ].join("\n");
}

/** The event time of a row as a TIMESTAMP (UTC). */
export function eventTimeSql(source: Source): string {
  const name = quoteName(source.eventTime);
  return source.columns[source.eventTime]?.type.kind === "date" ? `CAST(${name} AS TIMESTAMP)` : name;
}

export function timestampSql(instant: EpochMs): string {
  return `TIMESTAMP '${toIso(instant).replace("T", " ").replace("Z", "")}'`;
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

interface Context {
  readonly source: Source;
  readonly asOfMs: EpochMs;
}

function featureSql(feature: Feature, context: Context): string {
  const { measure, windowMs, filters } = feature.aggregation;
  const conditions = filters.map((filter) => filterSql(filter, context.source));
  if (windowMs !== undefined) {
    const fromMs = toEpochMs(Math.max(MIN_EPOCH_MS, context.asOfMs - windowMs));
    conditions.unshift(`${eventTimeSql(context.source)} >= ${timestampSql(fromMs)}`);
  }
  const filter = conditions.length === 0 ? "" : ` FILTER (WHERE ${conditions.join(" AND ")})`;
  return finalSql(measureSql(measure, filter, context.source), feature.type);
}

function measureSql(measure: Measure, filter: string, source: Source): string {
  switch (measure.kind) {
    case "count":
    case "sum":
      return operandSql(measure, filter, source);
    case "mean":
      return quotientSql(
        { kind: "sum", column: measure.column },
        `count(${quoteName(measure.column)})${filter}`,
        filter,
        source,
      );
    case "min":
    case "max":
      return `${measure.kind}(${quoteName(measure.column)})${filter}`;
    case "latest":
      return latestSql(measure.column, filter, source);
    case "distinctCount": {
      const column = quoteName(measure.column);
      return `count(DISTINCT ${measure.unit === "day" ? `CAST(${column} AS DATE)` : column})${filter}`;
    }
    case "ratio":
      return quotientSql(measure.numerator, operandSql(measure.denominator, filter, source), filter, source);
  }
}

function operandSql(operand: Operand, filter: string, source: Source): string {
  if (operand.kind === "count") return `count(*)${filter}`;
  const column = quoteName(operand.column);
  const order =
    source.columns[operand.column]?.type.kind === "float" ? ` ORDER BY ${identitySql(source)}` : "";
  return `sum(${column}${order})${filter}`;
}

/** A float of exact operands; NULL where the divisor is 0 or absent (DuckDB itself gives infinity for x / 0.0). */
function quotientSql(numerator: Operand, denominator: string, filter: string, source: Source): string {
  return `CAST(${operandSql(numerator, filter, source)} AS DOUBLE) / NULLIF(CAST(${denominator} AS DOUBLE), 0)`;
}

function latestSql(column: string, filter: string, source: Source): string {
  if (column === source.eventTime) return `max(${quoteName(column)})${filter}`;
  return `arg_max(${quoteName(column)}, (${eventTimeSql(source)}, ${identitySql(source)}))${filter}`;
}

/** What tells two events apart and orders them: the event id, then file and row, for an id may be absent. */
function identitySql(source: Source): string {
  return source.eventId === undefined ? "_file, _row" : `${quoteName(source.eventId)}, _file, _row`;
}

function finalSql(expression: string, type: ValueType): string {
  switch (type.kind) {
    case "text":
      return expression;
    case "integer":
    case "boolean":
      return `CAST(${expression} AS BIGINT)`;
    case "decimal":
    case "float":
      return `CAST(${expression} AS DOUBLE)`;
    case "instant":
      return `strftime(${expression}, '%Y-%m-%dT%H:%M:%S.%gZ')`;
    case "date":
      return `strftime(${expression}, '%Y-%m-%d')`;
  }
}

function filterSql(filter: Filter, source: Source): string {
  const type = source.columns[filter.column]?.type ?? { kind: "text" };
  return `${quoteName(filter.column)} ${OPERATOR_SQL[filter.operator]} ${literalSql(filter.value, type)}`;
}

function literalSql(value: FeatureValue, type: ValueType): string {
  switch (type.kind) {
    case "text":
      return quoteText(String(value));
    case "instant":
      return `TIMESTAMP ${quoteText(String(value).replace("T", " ").replace("Z", ""))}`;
    case "date":
      return `DATE ${quoteText(String(value))}`;
    case "decimal":
      // As wide as any source's decimal: a bound may lie beyond what the column itself can hold.
      return `CAST('${Number(value).toFixed(type.scale)}' AS DECIMAL(${MAX_DECIMAL_DIGITS}, ${type.scale}))`;
    case "float":
      // A bare literal is a decimal to DuckDB, and some turn into the double beside the one that is meant.
      return `CAST('${value}' AS DOUBLE)`;
    case "integer":
    case "boolean":
      return String(value);
  }
}
