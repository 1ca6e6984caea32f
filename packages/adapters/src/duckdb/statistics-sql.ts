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
  const columns = group.features.flatMap(({ name, type }, index) => {
    const absent = `count(*) - count(${quoteName(name)}) AS absent${index}`;
    if (boundOf(type) === undefined) return [absent];
    return [absent, `min(${quoteName(name)}) AS min${index}`, `max(${quoteName(name)}) AS max${index}`];
  });
  const figures = await session.row(`SELECT ${columns.join(", ")} FROM records`);
  const statistics: FeatureStatistics[] = [];
  for (const [index, feature] of group.features.entries()) {
    const min = asOptionalNumber(figures[`min${index}`]);
    const max = asOptionalNumber(figures[`max${index}`]);
    statistics.push({
      feature: feature.name,
      absentCount: asNumber(figures[`absent${index}`]),
      min,
      max,
      inexactCount: await inexactCount(session, feature, min, max),
    });
  }
  return statistics;
}

/** Counts only where least or greatest (NaN is greater than all) show that there are some. */
async function inexactCount(
  session: DuckDbSession,
  { name, type }: Feature,
  min: number | undefined,
  max: number | undefined,
): Promise<number> {
  const bound = boundOf(type);
  if (bound === undefined || min === undefined || max === undefined) return 0;
  if (min > -bound && max < bound) return 0;
  const { count } = await session.row(`SELECT count(*) AS count FROM records
    WHERE NOT (${quoteName(name)} > ${numberSql(-bound)} AND ${quoteName(name)} < ${numberSql(bound)})`);
  return asNumber(count);
}

/** What a double says exactly lies between minus this and this; undefined for what is no number. */
function boundOf(type: ValueType): number | undefined {
  switch (type.kind) {
    case "integer":
      return Number.MAX_SAFE_INTEGER + 1;
    case "decimal":
      return 10 ** (EXACT_DIGITS - type.scale);
    case "float":
      return Number.POSITIVE_INFINITY;
    case "text":
    case "instant":
    case "date":
    case "boolean":
      return undefined;
  }
}

function numberSql(value: number): string {
  return Number.isFinite(value) ? String(value) : `'${value < 0 ? "-" : ""}infinity'::DOUBLE`;
}
