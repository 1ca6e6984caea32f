// Decides how a queue lies in a SQLite file: visibility and receipts as columns, dead letters as a table of their own.
// Leaves to the caller what a message says and how often to ask.

import { randomBytes, randomUUID } from "node:crypto";
import type { StatementSync } from "node:sqlite";
import { InvalidInputError, type Queue, type QueueDepth, type QueueMessage, type Timer } from "@steward/core";
import { type Row, SqliteDatabase } from "../sqlite/sqlite-database.ts";
import { checkWholeNumber } from "../whole-number.ts";

export interface SqliteQueueOptions {
  /** Several queues may share a file. */
  readonly file: string;
  readonly name: string;
  /** Received this often without an acknowledgement, a message goes to the dead letters at the next receive. */
  readonly maxReceives: number;
  /** Real time: visibility does not follow the platform's clock. */
  readonly timer: Timer;
}

const MAX_BODY_BYTES = 256 * 1_024;
const MAX_RECEIVE_COUNT = 10;

/** SQS's own bounds: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html,
 * read 2026-11-24. */
const MAX_DELAY_MS = 15 * 60_000;
const MAX_VISIBILITY_MS = 12 * 3_600_000;

const RECEIPT_NONCE_BYTES = 9;

const TABLES = `
  CREATE TABLE IF NOT EXISTS messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    visible_at_ms INTEGER NOT NULL,
    receive_count INTEGER NOT NULL DEFAULT 0,
    receipt TEXT
  );
  CREATE INDEX IF NOT EXISTS messages_by_visibility ON messages (queue, visible_at_ms, seq);
  CREATE TABLE IF NOT EXISTS dead_letters (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS dead_letters_by_queue ON dead_letters (queue, seq)`;

export class SqliteQueue implements Queue {
  readonly #database: SqliteDatabase;
  readonly #name: string;
  readonly #maxReceives: number;
  readonly #timer: Timer;
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(options: SqliteQueueOptions) {
    checkWholeNumber("maxReceives", options.maxReceives, 1, 1_000);
    this.#name = options.name;
    this.#maxReceives = options.maxReceives;
    this.#timer = options.timer;
    this.#database = new SqliteDatabase(options.file, TABLES);
    this.#statements = prepareStatements(this.#database);
  }

  async send(bodies: readonly string[], options: { readonly delayMs?: number } = {}): Promise<void> {
    const delayMs = options.delayMs ?? 0;
    checkWholeNumber("delayMs", delayMs, 0, MAX_DELAY_MS);
    for (const body of bodies) checkBody(body);
    const visibleAtMs = this.#timer.nowMs() + delayMs;
    this.#database.write(() => {
      for (const body of bodies) this.#statements.send.run(this.#name, randomUUID(), body, visibleAtMs);
    });
  }

  async receive(max: number, visibilityMs: number): Promise<readonly QueueMessage[]> {
    checkWholeNumber("max", max, 1, MAX_RECEIVE_COUNT);
    checkWholeNumber("visibilityMs", visibilityMs, 1, MAX_VISIBILITY_MS);
    const nowMs = this.#timer.nowMs();
    // A poll of an empty queue takes no write lock from those who work.
    if (this.#database.read(() => this.#visible(nowMs, 1)).length === 0) return [];
    return this.#database.write(() => {
      const received: QueueMessage[] = [];
      while (received.length < max) {
        const rows = this.#visible(nowMs, max - received.length);
        if (rows.length === 0) break;
        for (const row of rows) {
          if (Number(row.receive_count) >= this.#maxReceives) this.#bury(row);
          else received.push(this.#take(row, nowMs + visibilityMs));
        }
      }
      return received;
    });
  }

  async acknowledge(receipt: string): Promise<void> {
    const seq = toSeq(receipt);
    if (seq === undefined) return;
    this.#database.write(() => this.#statements.acknowledge.run(seq, this.#name, receipt));
  }

  async release(receipt: string, delayMs: number): Promise<void> {
    checkWholeNumber("delayMs", delayMs, 0, MAX_VISIBILITY_MS);
    const seq = toSeq(receipt);
    if (seq === undefined) return;
    const visibleAtMs = this.#timer.nowMs() + delayMs;
    this.#database.write(() => this.#statements.release.run(visibleAtMs, seq, this.#name, receipt));
  }

  async listDeadLetters(max: number): Promise<readonly { readonly id: string; readonly body: string }[]> {
    const rows = this.#database.read(() => this.#statements.listDead.all(this.#name, max));
    return rows.map((row) => ({ id: String(row.id), body: String(row.body) }));
  }

  async redrive(ids?: readonly string[]): Promise<number> {
    const wanted = ids === undefined ? undefined : new Set(ids);
    const nowMs = this.#timer.nowMs();
    return this.#database.write(() => {
      const rows = this.#statements.allDead
        .all(this.#name)
        .filter((row) => wanted?.has(String(row.id)) ?? true);
      for (const row of rows) {
        this.#statements.send.run(this.#name, String(row.id), String(row.body), nowMs);
        this.#statements.removeDead.run(Number(row.seq));
      }
      return rows.length;
    });
  }

  async depth(): Promise<QueueDepth> {
    const nowMs = this.#timer.nowMs();
    const row = this.#database.read(() => this.#statements.depth.get(nowMs, this.#name, this.#name));
    const ready = Number(row?.ready ?? 0);
    return { ready, inFlight: Number(row?.waiting) - ready, deadLetters: Number(row?.dead) };
  }

  close(): void {
    this.#database.close();
  }

  #visible(nowMs: number, max: number): Row[] {
    return this.#statements.visible.all(this.#name, nowMs, max);
  }

  #take(row: Row, visibleAtMs: number): QueueMessage {
    const seq = Number(row.seq);
    const receiveCount = Number(row.receive_count) + 1;
    const receipt = `${seq}.${randomBytes(RECEIPT_NONCE_BYTES).toString("base64url")}`;
    this.#statements.take.run(visibleAtMs, receiveCount, receipt, seq);
    return { id: String(row.id), receipt, body: String(row.body), receiveCount };
  }

  #bury(row: Row): void {
    this.#statements.bury.run(this.#name, String(row.id), String(row.body));
    this.#statements.remove.run(Number(row.seq));
  }
}

function prepareStatements(
  database: SqliteDatabase,
): Record<
  | "send"
  | "visible"
  | "take"
  | "remove"
  | "acknowledge"
  | "release"
  | "bury"
  | "listDead"
  | "allDead"
  | "removeDead"
  | "depth",
  StatementSync
> {
  const held = "seq = ? AND queue = ? AND receipt = ?";
  return {
    send: database.prepare("INSERT INTO messages (queue, id, body, visible_at_ms) VALUES (?, ?, ?, ?)"),
    visible: database.prepare(
      "SELECT * FROM messages WHERE queue = ? AND visible_at_ms <= ? ORDER BY visible_at_ms, seq LIMIT ?",
    ),
    take: database.prepare(
      "UPDATE messages SET visible_at_ms = ?, receive_count = ?, receipt = ? WHERE seq = ?",
    ),
    remove: database.prepare("DELETE FROM messages WHERE seq = ?"),
    acknowledge: database.prepare(`DELETE FROM messages WHERE ${held}`),
    release: database.prepare(`UPDATE messages SET visible_at_ms = ? WHERE ${held}`),
    bury: database.prepare("INSERT INTO dead_letters (queue, id, body) VALUES (?, ?, ?)"),
    listDead: database.prepare("SELECT id, body FROM dead_letters WHERE queue = ? ORDER BY seq LIMIT ?"),
    allDead: database.prepare("SELECT * FROM dead_letters WHERE queue = ? ORDER BY seq"),
    removeDead: database.prepare("DELETE FROM dead_letters WHERE seq = ?"),
    depth: database.prepare(
      `SELECT count(*) AS waiting, sum(visible_at_ms <= ?) AS ready,
         (SELECT count(*) FROM dead_letters WHERE queue = ?) AS dead FROM messages WHERE queue = ?`,
    ),
  };
}

/** A receipt begins with the row it was given for; text that no receipt looks like is a receipt of nothing. */
function toSeq(receipt: string): number | undefined {
  const seq = Number(/^(\d{1,15})\./.exec(receipt)?.[1]);
  return Number.isSafeInteger(seq) ? seq : undefined;
}

function checkBody(body: string): void {
  const sizeBytes = Buffer.byteLength(body);
  if (sizeBytes === 0 || sizeBytes > MAX_BODY_BYTES) {
    throw new InvalidInputError(
      `a message must be 1 to ${MAX_BODY_BYTES} bytes of UTF-8, not ${sizeBytes}: send a reference, not rows`,
    );
  }
}
