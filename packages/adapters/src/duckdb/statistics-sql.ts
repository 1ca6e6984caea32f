// Decides the figures that the check of a refresh's output looks at.

import {
  type Feature,
  type FeatureGroup,
  type FeatureStatistics,
  quoteName,
  type ValueType,
} from "@steward/core";
import { asNumber, asOptionalNumber, type DuckDbSession } from "./duckdb-session.ts";

/** Decimal digits that a double says exactly (IEEE 754, DBL_DIG). */
const EXACT_DIGITS = 15;

/** One entry a feature, in the group's order, over the relation `records`. */
export async function statisticsOf(
  session: DuckDbSession,
  group: FeatureGroup,
): Promise<readonly FeatureStatistics[]> {
  const columns = group.features.flatMap((feature, index) => [
    `count(*) - count(${quoteName(feature.name)}) AS absent${index}`,
    ...(isNumber(feature.type) ? numberSql(feature, index) : []),
  ]);
  const figures = await session.row(`SELECT ${columns.join(", ")} FROM records`);
  return group.features.map((feature, index) => ({
    feature: feature.name,
    absentCount: asNumber(figures[`absent${index}`]),
    min: asOptionalNumber(figures[`min${index}`]),
    max: asOptionalNumber(figures[`max${index}`]),
    inexactCount: asNumber(figures[`inexact${index}`]),
  }));
}

function numberSql(feature: Feature, index: number): readonly string[] {
  const name = quoteName(feature.name);
  return [
    `min(${name}) AS min${index}`,
    `max(${name}) AS max${index}`,
    `count(*) FILTER (WHERE ${inexactSql(name, feature.type)}) AS inexact${index}`,
  ];
}

function isNumber(type: ValueType): boolean {
  return type.kind === "integer" || type.kind === "decimal" || type.kind === "float";
}

function inexactSql(name: string, type: ValueType): string {
  if (type.kind === "integer")
    return `${name} NOT BETWEEN ${-Number.MAX_SAFE_INTEGER} AND ${Number.MAX_SAFE_INTEGER}`;
  if (type.kind === "decimal")
    return `NOT isfinite(${name}) OR abs(${name}) >= 1e${EXACT_DIGITS - type.scale}`;
  return `NOT isfinite(${name})`;
}
