// Looks for a text in everything that a platform keeps: files byte by byte (free pages and write-ahead logs of databases
// among them), the cells of every database row, the cells of every Parquet file, Redis.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { Platform } from "@steward/local";
import { type Content, listFiles, readRedis, readSqliteRows } from "./state-contents.ts";

/** The places that hold the text, each once, ascending. */
export async function findInState(platform: Platform, text: string): Promise<readonly string[]> {
  const found = new Set<string>();
  const look = (contents: readonly Content[]): void => {
    for (const { place, bytes } of contents)
      if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(text)) found.add(place);
  };
  look(await readRedis(platform.services.redis.url));
  // A copy: the databases are open elsewhere, one of them to its own process alone.
  const copy = mkdtempSync(join(tmpdir(), "steward-copy-"));
  try {
    execFileSync("cp", ["-R", `${platform.folder.root}/.`, copy]);
    const files = listFiles(copy);
    look(files.map((path) => ({ place: path, bytes: readFileSync(join(copy, path)) })));
    for (const path of files.filter((file) => /\.(sqlite|db)$/.test(file))) look(readSqliteRows(copy, path));
    for (const path of files.filter((file) => file.endsWith(".parquet")))
      if (await parquetHolds(join(copy, path), text)) found.add(path);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  return [...found].sort();
}

async function parquetHolds(path: string, text: string): Promise<boolean> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(
      "SELECT count(*) AS rows FROM read_parquet($path) AS file WHERE contains(CAST(file AS VARCHAR), $text)",
      { path, text },
    );
    return reader.getRowObjects()[0]?.rows !== 0n;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
