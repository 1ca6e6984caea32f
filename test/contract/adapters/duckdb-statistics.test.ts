import { join } from "node:path";
import {
  count,
  decimal,
  entity,
  featureGroup,
  float,
  instant,
  latest,
  source,
  sum,
  text,
} from "@steward/core";
import { expect, it } from "vitest";
import { withDuckDb } from "../../../packages/adapters/src/duckdb/duckdb-session.ts";
import { statisticsOf } from "../../../packages/adapters/src/duckdb/statistics-sql.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";

const readings = source("readings", {
  columns: { meter_id: text(), at: instant(), cost: decimal(12, 2), weight: float() },
  eventTime: "at",
});
const group = featureGroup("meter-readings", {
  entity: entity("meter", { key: "meter_id" }),
  source: readings,
  owner: "grid",
  features: {
    cost: sum("cost"),
    first_weight: latest("weight"),
    readings: count(),
    seen_at: latest("at"),
    weight: sum("weight"),
  },
});

/** Statistics over rows of these values, two a row group. */
async function statisticsOver(rows: readonly string[]) {
  const folder = makeTemporaryFolder();
  try {
    return await withDuckDb({ scratch: folder }, "testing", async (session) => {
      const path = join(session.folder, "records.parquet");
      await session.run(`COPY (SELECT * FROM (VALUES ${rows.join(", ")}) AS t(cost, first_weight, readings, seen_at, weight))
        TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
      await session.run(`CREATE VIEW records AS SELECT * FROM read_parquet('${path}')`);
      return statisticsOf(session, group, path);
    });
  } finally {
    removeFolder(folder);
  }
}

it("says least, greatest and absent values as a scan would, of every row group", async () => {
  const rows = Array.from(
    { length: 5_000 },
    (_, at) =>
      `(${at === 4_999 ? "-0.25" : at === 3 ? "NULL" : "0.1"}::DOUBLE, NULL::DOUBLE, ${at + 1}::BIGINT, '2026-01-01', 0.1::DOUBLE + 0.2::DOUBLE)`,
  );

  expect(await statisticsOver(rows)).toEqual([
    { feature: "cost", absentCount: 1, min: -0.25, max: 0.1, inexactCount: 0 },
    { feature: "first_weight", absentCount: 5_000, min: undefined, max: undefined, inexactCount: 0 },
    { feature: "readings", absentCount: 0, min: 1, max: 5_000, inexactCount: 0 },
    { feature: "seen_at", absentCount: 0, min: undefined, max: undefined, inexactCount: 0 },
    {
      feature: "weight",
      absentCount: 0,
      min: 0.30000000000000004,
      max: 0.30000000000000004,
      inexactCount: 0,
    },
  ]);
});

it("counts values that are not finite, or beyond fifteen digits, in whichever row group they are", async () => {
  const rows = Array.from(
    { length: 5_000 },
    (_, at) =>
      `(${at === 4_000 ? "1e13" : "1.5"}::DOUBLE, ${at === 2_500 ? "'nan'" : "2.5"}::DOUBLE, 1::BIGINT, NULL, ${at === 1 ? "'-inf'" : at === 4_500 ? "'inf'" : "NULL"}::DOUBLE)`,
  );

  const statistics = await statisticsOver(rows);

  expect(statistics.map(({ feature, inexactCount }) => [feature, inexactCount])).toEqual([
    ["cost", 1],
    ["first_weight", 1],
    ["readings", 0],
    ["seen_at", 0],
    ["weight", 2],
  ]);
  expect(statistics[4]).toMatchObject({
    absentCount: 4_998,
    min: Number.NEGATIVE_INFINITY,
    max: Number.POSITIVE_INFINITY,
  });
});

it("says of no records that nothing is absent", async () => {
  const folder = makeTemporaryFolder();
  try {
    const statistics = await withDuckDb({ scratch: folder }, "testing", async (session) => {
      const path = join(session.folder, "records.parquet");
      await session.run(`COPY (SELECT 1.5::DOUBLE AS cost, 1.5::DOUBLE AS first_weight, 1 AS readings, '' AS seen_at,
        1.5::DOUBLE AS weight WHERE FALSE) TO '${path}' (FORMAT parquet)`);
      await session.run(`CREATE VIEW records AS SELECT * FROM read_parquet('${path}')`);
      return statisticsOf(session, group, path);
    });

    expect(statistics[0]).toEqual({
      feature: "cost",
      absentCount: 0,
      min: undefined,
      max: undefined,
      inexactCount: 0,
    });
  } finally {
    removeFolder(folder);
  }
});
