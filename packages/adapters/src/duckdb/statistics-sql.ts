// Decides the figures that the check of a refresh's output looks at: those of the footer of the records' Parquet file,
// and of a column that the footer does not say enough about, those of a scan.

import {
  type Feature,
  type FeatureGroup,
  type FeatureStatistics,
  quoteName,
  quoteText,
  type ValueType,
} from "@steward/core";
import { asNumber, asOptionalNumber, type DuckDbSession, type SqlRow } from "./duckdb-session.ts";

/** Decimal digits that a double says exactly (IEEE 754, DBL_DIG). */
const EXACT_DIGITS = 15;

/** One entry a feature, in the group's order, over the file at `path`, which the relation `records` reads. */
export async function statisticsOf(
  session: DuckDbSession,
  group: FeatureGroup,
  path: string,
): Promise<readonly FeatureStatistics[]> {
  const footer = await footerFigures(session, path);
  const statistics: FeatureStatistics[] = [];
  for (const feature of group.features) {
    const isNumber = boundOf(feature.type) !== undefined;
    const known = footer.get(feature.name);
    const isSaid = isNumber ? known?.isBounded === true : known?.isCounted === true;
    const figures = known !== undefined && isSaid ? known : await scannedFigures(session, feature, isNumber);
    const min = isNumber ? asOptionalNumber(figures.min) : undefined;
    const max = isNumber ? asOptionalNumber(figures.max) : undefined;
    statistics.push({
      feature: feature.name,
      absentCount: asNumber(figures.absent),
      min,
      max,
      inexactCount: await inexactCount(session, feature, min, max),
    });
  }
  return statistics;
}

/** By column. A row group with a value that is not finite lacks its least or its greatest, or both. */
async function footerFigures(session: DuckDbSession, path: string): Promise<ReadonlyMap<string, SqlRow>> {
  const rows =
    await session.rows(`SELECT name, CAST(sum(absent) AS BIGINT) AS absent, min(least) AS min, max(greatest) AS max,
      bool_and(absent IS NOT NULL) AS "isCounted",
      bool_and(coalesce(absent = count OR (least IS NOT NULL AND greatest IS NOT NULL), FALSE)) AS "isBounded"
    FROM (SELECT path_in_schema AS name, stats_null_count AS absent, num_values AS count,
        TRY_CAST(stats_min_value AS DOUBLE) AS least, TRY_CAST(stats_max_value AS DOUBLE) AS greatest
      FROM parquet_metadata(${quoteText(path)}))
    GROUP BY name`);
  return new Map(rows.map((row) => [String(row.name), row]));
}

async function scannedFigures(session: DuckDbSession, { name }: Feature, isNumber: boolean): Promise<SqlRow> {
  const column = quoteName(name);
  const bounds = isNumber ? `, min(${column}) AS min, max(${column}) AS max` : "";
  return session.row(`SELECT count(*) - count(${column}) AS absent${bounds} FROM records`);
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
