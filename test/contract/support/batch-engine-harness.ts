// What the rules of the port BatchEngine run on: an engine on an empty object store, input files, and a reader of what
// was staged that is not the engine's own.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import {
  type AppendedFile,
  type AppendJob,
  type BatchEngine,
  boolean,
  date,
  decimal,
  type EpochMs,
  float,
  type InspectedFile,
  instant,
  integer,
  type ObjectStore,
  type OfflineFile,
  type OfflineFiles,
  optional,
  type Pseudonymiser,
  parseInstant,
  type Source,
  source,
  text,
} from "@steward/core";

export interface BatchEngineHarness {
  readonly engine: BatchEngine;
  readonly objects: ObjectStore;
  /** Reads what the engine staged, as the workers do. */
  readonly reader: OfflineFiles;
  readonly pseudonymiser: Pseudonymiser;
  /** A folder of this machine for the files of the tests. */
  readonly folder: string;
  /** Hands in a file of that name; the name that the engine knows it by. */
  handIn(name: string, content: string | Uint8Array): Promise<string>;
  close(): Promise<void>;
}

export type OpenBatchEngine = () => Promise<BatchEngineHarness>;

/** One column of each type. */
export const readings = source("readings", {
  columns: {
    id: text(),
    at: instant(),
    count: integer(),
    amount: decimal(6, 2),
    read_on: optional(date()),
    weight: optional(float()),
    active: optional(boolean()),
    note: optional(text()),
  },
  eventTime: "at",
});
export const READINGS_HEADER = "id,at,count,amount,read_on,weight,active,note";
export const ARRIVED_AT = at("2026-01-01");

export function at(text: string): EpochMs {
  const instant = parseInstant(text);
  if (instant === undefined) throw new Error(`${text} is no instant`);
  return instant;
}

/** As `handIn` does where files are paths. */
export async function writeInput(
  folder: string,
  name: string,
  content: string | Uint8Array,
): Promise<string> {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Inspects and appends one file of `readings` (or of another source), rows without their header. */
export async function appendRows(
  harness: BatchEngineHarness,
  rows: string | Uint8Array,
  overrides: Partial<AppendJob> & { readonly header?: string; readonly name?: string } = {},
): Promise<AppendedFile> {
  const { header = READINGS_HEADER, name = "input.csv", ...job } = overrides;
  const bytes = Buffer.concat([Buffer.from(`${header}\n`), Buffer.from(rows)]);
  const path = await harness.handIn(name, bytes);
  const file = await harness.engine.inspect(job.source ?? readings, { name: path });
  return only(await harness.engine.append(anAppendJob({ ...job, files: [file] })));
}

export function anAppendJob(
  overrides: Partial<AppendJob> & { readonly files: readonly InspectedFile[] },
): AppendJob {
  return {
    source: readings as Source,
    arrivedAtMs: ARRIVED_AT,
    suppressions: [],
    subjectColumns: [{ entity: "meter", column: "id" }],
    outputPrefix: "events/1/",
    ...overrides,
  };
}

export function only<T>(values: readonly T[]): T {
  const [value] = values;
  if (value === undefined || values.length !== 1) throw new Error(`one was expected, not ${values.length}`);
  return value;
}

/** Puts a Parquet file of the rows of a query, as if somebody had published it. */
export async function putParquet(
  harness: BatchEngineHarness,
  key: string,
  sql: string,
): Promise<OfflineFile> {
  const path = join(harness.folder, "put.parquet");
  await query(`COPY (${sql}) TO '${path}' (FORMAT parquet)`);
  const [counted] = await query(`SELECT count(*) AS count FROM read_parquet('${path}')`);
  await harness.objects.putFile(key, path);
  return { key, rowCount: Number(counted?.count) };
}

/** The rows of a staged Parquet file in file order: numbers, ISO text for dates and times; [] without a key. */
export async function stagedRows(
  harness: BatchEngineHarness,
  key: string | undefined,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  if (key === undefined) return [];
  const rows = await query(`SELECT * FROM read_parquet('${await harness.objects.locate(key)}')`);
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(name, value)])),
  );
}

/** The rows of each row group of a staged file. */
export async function rowGroupsOf(harness: BatchEngineHarness, key: string): Promise<readonly number[]> {
  const rows = await query(`SELECT DISTINCT row_group_id, row_group_num_rows AS count
    FROM parquet_metadata('${await harness.objects.locate(key)}') ORDER BY row_group_id`);
  return rows.map((row) => Number(row.count));
}

async function query(sql: string) {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    return await (await connection.run(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The set-aside rows of a file as `[row, column, rule]`. */
export async function setAsideOf(
  harness: BatchEngineHarness,
  file: AppendedFile,
): Promise<readonly (readonly [number, string | null, string])[]> {
  const rows = await stagedRows(harness, file.setAsideKey);
  return rows.map((row) => [Number(row._row), row.column as string | null, String(row.rule)]);
}

function plain(name: string, value: unknown): unknown {
  return name === "_row" ? Number(value) : value;
}
