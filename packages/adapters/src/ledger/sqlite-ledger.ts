// Decides how ledger items lie in a SQLite file: one row an item, each change one conditional statement.
// Leaves what the items mean to core/ledger.

import type { StatementSync } from "node:sqlite";
import {
  type ConditionalOutcome,
  type Expectation,
  InvalidInputError,
  type Ledger,
  type LedgerBody,
  type LedgerItem,
  type LedgerKey,
} from "@steward/core";
import { type Row, SqliteDatabase } from "../sqlite/sqlite-database.ts";

/** DynamoDB's own bounds, so that what fits here fits there:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html, read 2026-11-24. */
const MAX_PARTITION_BYTES = 2_048;
const MAX_SORT_BYTES = 1_024;
const MAX_ITEM_BYTES = 400 * 1_024;

const TABLES = `
  CREATE TABLE IF NOT EXISTS items (
    partition TEXT NOT NULL,
    sort TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (partition, sort)
  ) WITHOUT ROWID`;

export class SqliteLedger implements Ledger {
  readonly #database: SqliteDatabase;
  readonly #find: StatementSync;
  readonly #list: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #delete: StatementSync;

  constructor(options: { readonly file: string }) {
    this.#database = new SqliteDatabase(options.file, TABLES);
    this.#find = this.#database.prepare("SELECT * FROM items WHERE partition = ? AND sort = ?");
    // SQLite compares text by its UTF-8 bytes, so this is DynamoDB's order of sort keys.
    this.#list = this.#database.prepare(
      "SELECT * FROM items WHERE partition = ? AND sort >= ? ORDER BY sort",
    );
    this.#insert = this.#database.prepare(
      "INSERT INTO items (partition, sort, version, body) VALUES (?, ?, 1, ?) ON CONFLICT DO NOTHING",
    );
    this.#update = this.#database.prepare(
      "UPDATE items SET version = version + 1, body = ? WHERE partition = ? AND sort = ? AND version = ?",
    );
    this.#delete = this.#database.prepare(
      "DELETE FROM items WHERE partition = ? AND sort = ? AND version = ?",
    );
  }

  async find(key: LedgerKey): Promise<LedgerItem | undefined> {
    checkKey(key);
    const row = this.#database.read(() => this.#find.get(key.partition, key.sort));
    return row === undefined ? undefined : toItem(row);
  }

  async list(partition: string, prefix = ""): Promise<readonly LedgerItem[]> {
    return this.#database.read(() => {
      const items: LedgerItem[] = [];
      for (const row of this.#list.iterate(partition, prefix)) {
        if (!String(row.sort).startsWith(prefix)) break;
        items.push(toItem(row));
      }
      return items;
    });
  }

  async put(key: LedgerKey, body: LedgerBody, expected: Expectation): Promise<ConditionalOutcome> {
    checkKey(key);
    const text = toText(key, body);
    if (expected === "absent") {
      return this.#change(1, () => this.#insert.run(key.partition, key.sort, text).changes);
    }
    const { version } = expected;
    return this.#change(version + 1, () => this.#update.run(text, key.partition, key.sort, version).changes);
  }

  async remove(key: LedgerKey, expected: { readonly version: number }): Promise<ConditionalOutcome> {
    checkKey(key);
    const { version } = expected;
    return this.#change(version, () => this.#delete.run(key.partition, key.sort, version).changes);
  }

  close(): void {
    this.#database.close();
  }

  #change(version: number, statement: () => number | bigint): ConditionalOutcome {
    const changed = Number(this.#database.write(statement));
    return changed === 1 ? { kind: "applied", version } : { kind: "conflict" };
  }
}

function toItem(row: Row): LedgerItem {
  return {
    partition: String(row.partition),
    sort: String(row.sort),
    version: Number(row.version),
    body: JSON.parse(String(row.body)) as LedgerBody,
  };
}

function checkKey({ partition, sort }: LedgerKey): void {
  checkPart("partition", partition, MAX_PARTITION_BYTES);
  checkPart("sort", sort, MAX_SORT_BYTES);
}

function checkPart(name: string, text: string, maxBytes: number): void {
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes === 0 || sizeBytes > maxBytes || !text.isWellFormed()) {
    throw new InvalidInputError(
      `the ${name} key of a ledger item must be 1 to ${maxBytes} bytes of UTF-8, not ${sizeBytes}`,
    );
  }
}

/** JSON that reads back as the same value: what JSON would drop or turn into null is refused. */
function toText(key: LedgerKey, body: LedgerBody): string {
  const text = JSON.stringify(body, (field, value: unknown) => {
    if (value === undefined || (typeof value === "number" && !Number.isFinite(value))) {
      throw new InvalidInputError(`field ${field} of a ledger item must be a value that JSON can say`);
    }
    return value;
  });
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes > MAX_ITEM_BYTES) {
    throw new InvalidInputError(
      `ledger item ${key.sort} is ${sizeBytes} bytes, more than the ${MAX_ITEM_BYTES} an item may have`,
    );
  }
  return text;
}
