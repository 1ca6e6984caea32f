// Decides how records lie in offline files that Steward writes: sorted by hot-store tag, then record identifier, in
// files and row groups of a bounded number of rows.

import { join } from "node:path";
import { type FeatureGroup, type Pseudonymiser, quoteName, quoteText, type StagedFile } from "@steward/core";
import type { DuckDbSession } from "./duckdb-session.ts";
import { pseudonymSql } from "./hmac-sql.ts";
import type { StagedObjects } from "./staged-objects.ts";

export interface FileRows {
  readonly rowsPerFile: number;
  readonly rowsPerRowGroup: number;
}

/** Of a snapshot's rows, beside the columns of the group: no feature's name begins so. */
export const PSEUDONYM_COLUMN = "_pseudonym";
/** Hex digits of the pseudonym that tag a record in the hot store. */
const TAG_DIGITS = 3;
/** How the pages of files are packed: those that stay as small as is cheap; those that are read once, soon, not at all: a
 * third of reading a chunk was unpacking (bench/rebuild.ts). */
export const PACKING = {
  kept: "COMPRESSION zstd, COMPRESSION_LEVEL 1",
  staged: "COMPRESSION uncompressed, PARQUET_VERSION V2",
} as const;
export type Packing = keyof typeof PACKING;
/** A dictionary pays for a few values many times over, not for a value a record. */
const MAX_DICTIONARY_VALUES = 1_000;

/** The rows of a relation in the order of the write path, bytewise, with their tag as `_tag`. */
export function sortedSql(pseudonymiser: Pseudonymiser, group: FeatureGroup, relation: string): string {
  const identifier = quoteName(group.recordIdentifier);
  const pseudonym = pseudonymSql(pseudonymiser, group.entity.name, identifier);
  return `SELECT *, CAST('0x' || ${pseudonym}[:${TAG_DIGITS}] AS USMALLINT) AS _tag FROM ${relation}
    ORDER BY _tag, ${identifier}`;
}

/** The same order, each row with its pseudonym. */
export function sortedWithPseudonymSql(
  pseudonymiser: Pseudonymiser,
  group: FeatureGroup,
  relation: string,
): string {
  const identifier = quoteName(group.recordIdentifier);
  const pseudonym = pseudonymSql(pseudonymiser, group.entity.name, identifier);
  return `SELECT *, ${pseudonym} AS ${PSEUDONYM_COLUMN} FROM ${relation}
    ORDER BY ${PSEUDONYM_COLUMN}[:${TAG_DIGITS}], ${identifier}`;
}

/** Writes the rows of a query into one file of the session's folder, which `stageFiles` moves; the view `records` reads it. */
export async function createRecords(
  session: DuckDbSession,
  rows: FileRows,
  packing: Packing,
  sql: string,
): Promise<void> {
  const path = recordsPath(session);
  await copyTo(session, rows, packing, path, sql);
  await session.run(`CREATE VIEW records AS SELECT * FROM read_parquet(${quoteText(path)})`);
}

/** Moves the records into the object store, whole or cut into files of at most `rowsPerFile` rows. */
export async function stageFiles(
  session: DuckDbSession,
  staged: StagedObjects,
  rows: FileRows,
  packing: Packing,
  recordCount: number,
): Promise<readonly StagedFile[]> {
  if (recordCount === 0) return [];
  const path = recordsPath(session);
  if (recordCount <= rows.rowsPerFile) return [await staged.put("records", 0, path, recordCount)];
  const files: StagedFile[] = [];
  for (let from = 0; from < recordCount; from += rows.rowsPerFile) {
    const to = Math.min(from + rows.rowsPerFile, recordCount);
    const part = join(session.folder, "part.parquet");
    await copyTo(
      session,
      rows,
      packing,
      part,
      `SELECT * EXCLUDE (file_row_number) FROM read_parquet(${quoteText(path)}, file_row_number = true)
        WHERE file_row_number >= ${from} AND file_row_number < ${to}`,
    );
    files.push(await staged.put("records", files.length, part, to - from));
  }
  return files;
}

export const recordsPath = (session: DuckDbSession): string => join(session.folder, "records.parquet");

async function copyTo(
  session: DuckDbSession,
  rows: FileRows,
  packing: Packing,
  path: string,
  sql: string,
): Promise<void> {
  await session.run(`COPY (${sql}) TO ${quoteText(path)}
    (FORMAT parquet, ${PACKING[packing]}, ROW_GROUP_SIZE ${rows.rowsPerRowGroup}, DICTIONARY_SIZE_LIMIT ${MAX_DICTIONARY_VALUES})`);
}
