// That nothing of a deleted row stays in the files of an embedded adapter once they were scrubbed.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SqliteDatabase } from "../../../packages/adapters/src/sqlite/sqlite-database.ts";
import { makeCanaries } from "../../support/leak-search.ts";
import { listFiles, readFiles } from "../../support/state-contents.ts";

const TABLES = "CREATE TABLE IF NOT EXISTS rows (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID";
const CANARIES = makeCanaries(1_000, 6);
const OTHERS = makeCanaries(500, 7);

let folder: string;
let database: SqliteDatabase;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "scrub-"));
  database = new SqliteDatabase(join(folder, "rows.sqlite"), TABLES);
  // Rows that grow make pages split again and again.
  const put = database.prepare("INSERT OR REPLACE INTO rows VALUES (?, ?)");
  for (const times of [1, 4, 2, 9])
    database.write(() => {
      for (const id of [...CANARIES, ...OTHERS]) put.run(id, `${id} and what is known of it`.repeat(times));
    });
});

afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

/** How many of the texts lie anywhere in the files. */
function countFound(texts: readonly string[]): number {
  const files = readFiles(folder, listFiles(folder)).map(({ bytes }) => Buffer.from(bytes));
  return texts.filter((text) => files.some((bytes) => bytes.includes(text))).length;
}

function deleteCanaries(): void {
  const remove = database.prepare("DELETE FROM rows WHERE id = ?");
  database.write(() => {
    for (const id of CANARIES) remove.run(id);
  });
}

describe("scrub", () => {
  it("leaves nothing of deleted rows in file and log, and all of the others", () => {
    deleteCanaries();
    expect(countFound(CANARIES)).toBeGreaterThan(0);

    expect(database.scrub()).toBe(true);

    expect(countFound(CANARIES)).toBe(0);
    expect(countFound(OTHERS)).toBe(OTHERS.length);
    expect(database.prepare("SELECT count(*) AS count FROM rows").get()?.count).toBe(OTHERS.length);
  });

  it("says so while another connection reads, without waiting for it, and does it once that has ended", () => {
    deleteCanaries();
    const reader = new DatabaseSync(join(folder, "rows.sqlite"));
    reader.exec("BEGIN; SELECT count(*) FROM rows");
    const startMs = performance.now();

    expect(database.scrub()).toBe(false);
    expect(performance.now() - startMs).toBeLessThan(2_000);

    reader.close();
    expect(database.scrub()).toBe(true);
    expect(countFound(CANARIES)).toBe(0);
  });

  it("leaves the connection as patient as it was", () => {
    database.scrub();

    expect(database.prepare("PRAGMA busy_timeout").get()).toEqual({ timeout: 5_000 });
  });
});
