// Everything that a platform keeps, as bytes with a name: files of its state folder, rows of its databases, Redis.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Redis } from "ioredis";
import { readRedisKey } from "./redis.ts";

export interface Content {
  readonly place: string;
  readonly bytes: Uint8Array;
}

/** Every file below `root`, by its path from there. */
export function listFiles(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

/**
 * The files' own names too. Another process copies them first: SQLite's locks are the process's, and end for all its
 * connections when it closes any descriptor of the file.
 */
export function readFiles(root: string, paths: readonly string[]): readonly Content[] {
  const copy = mkdtempSync(join(tmpdir(), "steward-copy-"));
  try {
    execFileSync("cp", ["-R", `${root}/.`, copy]);
    // What was on its way in when it was listed may have a name of its own by now.
    return paths
      .filter((path) => existsSync(join(copy, path)))
      .map((path) => ({
        place: path,
        bytes: Buffer.concat([Buffer.from(`${path}\n`), readFileSync(join(copy, path))]),
      }));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Every cell of every row: a text that lies across two pages is in one piece here. */
export function readSqliteRows(root: string, path: string): readonly Content[] {
  const database = new DatabaseSync(join(root, path), { readOnly: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    return tables.flatMap(({ name }) =>
      database
        .prepare(`SELECT * FROM "${String(name)}"`)
        .all()
        .map((row, index) => ({
          place: `${path} ${String(name)} row ${index}`,
          bytes: Buffer.concat(Object.values(row).map(toBytes)),
        })),
    );
  } finally {
    database.close();
  }
}

/** Every key, and every value as its type gives it. */
export async function readRedis(url: string): Promise<readonly Content[]> {
  const client = new Redis(url);
  try {
    const contents: Content[] = [];
    for await (const keys of client.scanBufferStream({ count: 1_000 }) as AsyncIterable<Buffer[]>) {
      for (const key of keys) {
        const place = `Redis ${await client.type(key)}`;
        contents.push({ place, bytes: Buffer.concat([key, ...(await readRedisKey(client, key))]) });
      }
    }
    return contents;
  } finally {
    client.disconnect();
  }
}

function toBytes(cell: unknown): Buffer {
  if (cell instanceof Uint8Array) return Buffer.from(cell);
  return Buffer.from(`${String(cell)}\n`);
}
