// Decides how staged set-aside rows are read back: listed without their cells, or grouped by file to be tried again.

import {
  type InspectedFile,
  type ObjectStore,
  quoteText,
  type SetAsideRow,
  type SetAsideRule,
} from "@steward/core";
import { asNumber, type DuckDbSession } from "./duckdb-session.ts";

export interface SetAsideFile extends InspectedFile {
  /** Where the rows lie. */
  readonly paths: readonly string[];
}

/** The rows under these paths by file and row, at most `limit`. */
export async function listRows(
  session: DuckDbSession,
  paths: readonly string[],
  limit: number,
): Promise<readonly SetAsideRow[]> {
  if (paths.length === 0) return [];
  const rows = await session.rows(
    `SELECT _file, _row, "column", rule FROM ${setAsideSql(paths)} ORDER BY _file, _row, rule LIMIT ${Math.max(0, Math.floor(limit))}`,
  );
  return rows.map((row) => ({
    file: String(row._file),
    row: asNumber(row._row),
    column: row.column === null ? undefined : String(row.column),
    rule: String(row.rule) as SetAsideRule,
  }));
}

/** The files that the rows came from, by name; a name that had two contents is there twice. */
export async function originalFiles(
  session: DuckDbSession,
  paths: readonly string[],
): Promise<readonly SetAsideFile[]> {
  const files = new Map<string, SetAsideFile>();
  for (const path of paths) {
    const { name } = await session.row(`SELECT min(_file) AS name FROM ${setAsideSql([path])}`);
    const origin = await session.row(`SELECT
        max(decode(value)) FILTER (WHERE decode(key) = 'content_id') AS content,
        max(decode(value)) FILTER (WHERE decode(key) = 'size_bytes') AS size
      FROM parquet_kv_metadata(${quoteText(path)})`);
    const id = JSON.stringify([name, origin.content]);
    files.set(id, {
      name: String(name),
      contentId: String(origin.content),
      sizeBytes: Number(origin.size),
      paths: [...(files.get(id)?.paths ?? []), path],
    });
  }
  return [...files.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** The rows of one file as `parseAgain` reads them; one that lies there twice counts once. */
export async function createAgain(session: DuckDbSession, file: SetAsideFile): Promise<void> {
  await session.run(`CREATE TABLE again AS
    SELECT _row, any_value(rule) AS rule, any_value(cells) AS cells FROM ${setAsideSql(file.paths)} GROUP BY _row`);
}

export async function locateAll(objects: ObjectStore, keys: readonly string[]): Promise<readonly string[]> {
  return Promise.all(keys.map((key) => objects.locate(key)));
}

function setAsideSql(paths: readonly string[]): string {
  return `read_parquet([${paths.map(quoteText).join(", ")}])`;
}
