// Decides where the records of a CSV file begin and end and which of them are broken in their form, where DuckDB's
// reader gave up on the file. Writes a copy that it reads: uniform line ends, and in place of each broken record one
// of empty cells, so that the rows keep their numbers.
// Reads as DuckDB does: RFC 4180; a quote inside an unquoted cell is text; spaces around a quoted cell are not part of it;
// a blank line is no record unless there is but one column.

import { isUtf8 } from "node:buffer";
import { type FileHandle, open } from "node:fs/promises";
import type { SetAsideRule } from "@steward/core";
import { MAX_VALUE_BYTES } from "./cell-sql.ts";
import { type RecordShape, readRecord } from "./csv-record.ts";

export interface BrokenRecord {
  /** 1 is the first record after the header. */
  readonly row: number;
  readonly rule: SetAsideRule;
  /** The first cell that is too long, by index. */
  readonly columnIndex: number | undefined;
  /** As far as they can be told apart; bytes that are not UTF-8 as U+FFFD. */
  readonly cells: readonly string[];
}

/** DuckDB's reader takes lines of 2,000,000 bytes by default. */
export const MAX_RECORD_BYTES = 1_900_000;
const CHUNK_BYTES = 8 * 1024 * 1024;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Copies the file at `from` to `to`, records broken in their form replaced, and hands each of those to
 * `onBroken`. The number of records, the header not counted. */
export async function repairRecords(
  from: string,
  to: string,
  columnCount: number,
  onBroken: (record: BrokenRecord) => void,
): Promise<number> {
  await using input = await open(from, "r");
  await using output = await open(to, "w");
  const repair = new Repair(columnCount, onBroken);
  let rest: Uint8Array = new Uint8Array(0);
  for (;;) {
    const chunk = await readChunk(input, rest);
    const isLast = chunk.length < rest.length + CHUNK_BYTES;
    const consumed = repair.take(chunk, isLast);
    await writeAll(output, repair.written());
    if (isLast) return repair.rowCount;
    rest = chunk.subarray(consumed);
  }
}

async function readChunk(input: FileHandle, rest: Uint8Array): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(rest.length + CHUNK_BYTES);
  buffer.set(rest);
  let length = rest.length;
  while (length < buffer.length) {
    const { bytesRead } = await input.read(buffer, length, buffer.length - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

async function writeAll(output: FileHandle, bytes: Uint8Array): Promise<void> {
  let at = 0;
  while (at < bytes.length) at += (await output.write(bytes, at)).bytesWritten;
}

class Repair {
  readonly #columnCount: number;
  readonly #onBroken: (record: BrokenRecord) => void;
  readonly #placeholder: Buffer;
  /** −1 while the header is to come. */
  #row = -1;
  #out = Buffer.alloc(0);
  #outLength = 0;

  constructor(columnCount: number, onBroken: (record: BrokenRecord) => void) {
    this.#columnCount = columnCount;
    this.#onBroken = onBroken;
    this.#placeholder = Buffer.from(columnCount === 1 ? '""\n' : `${",".repeat(columnCount - 1)}\n`);
  }

  /** Reads the whole records of the chunk; gives the number of bytes that it has done with. */
  take(chunk: Buffer, isLast: boolean): number {
    // A placeholder may be longer than its record by the cells that were missing.
    this.#out = Buffer.allocUnsafe(chunk.length + 1);
    this.#outLength = 0;
    const shape: RecordShape = { end: 0, cellCount: 0, isQuoted: false, isBroken: false };
    let at = 0;
    while (at < chunk.length && readRecord(chunk, at, isLast, MAX_RECORD_BYTES, shape)) {
      this.#record(chunk, at, shape);
      at = shape.end;
    }
    return at;
  }

  get rowCount(): number {
    return Math.max(this.#row, 0);
  }

  written(): Uint8Array {
    return this.#out.subarray(0, this.#outLength);
  }

  #record(chunk: Buffer, start: number, shape: RecordShape): void {
    let end = shape.end;
    if (end > start && chunk[end - 1] === LINE_FEED) end--;
    if (end > start && chunk[end - 1] === CARRIAGE_RETURN) end--;
    if (end === start && this.#columnCount > 1 && this.#row >= 0) return;
    this.#row++;
    const record = chunk.subarray(start, end);
    const rule = this.#row === 0 ? undefined : this.#brokenRule(record, shape);
    if (rule === undefined) {
      this.#append(record.length === 0 ? this.#placeholder.subarray(0, -1) : record);
      this.#append(NEW_LINE);
    } else {
      this.#append(this.#placeholder);
      this.#onBroken(broken(record, this.#row, rule));
    }
  }

  #brokenRule(record: Buffer, shape: RecordShape): SetAsideRule | undefined {
    if (shape.isBroken || !isUtf8(record)) return "encoding";
    if (shape.cellCount !== this.#columnCount) return "columns";
    return record.length > MAX_RECORD_BYTES ? "range" : undefined;
  }

  #append(bytes: Uint8Array): void {
    if (this.#outLength + bytes.length > this.#out.length) {
      const grown = Buffer.allocUnsafe(2 * this.#out.length + bytes.length);
      grown.set(this.#out.subarray(0, this.#outLength));
      this.#out = grown;
    }
    this.#out.set(bytes, this.#outLength);
    this.#outLength += bytes.length;
  }
}

const NEW_LINE = Buffer.from("\n");

function broken(record: Buffer, row: number, rule: SetAsideRule): BrokenRecord {
  const cells = splitCells(record.toString("utf8"));
  const long = rule === "range" ? cells.findIndex((cell) => Buffer.byteLength(cell) > MAX_VALUE_BYTES) : -1;
  return { row, rule, columnIndex: long === -1 ? undefined : long, cells };
}

/** The cells of one record; of one with broken quoting, as far as they can be told. */
function splitCells(record: string): readonly string[] {
  const cells: string[] = [];
  const cell = / *"((?:[^"]|"")*)" *(?=,|$)|([^,]*)/gsy;
  for (;;) {
    const match = cell.exec(record);
    cells.push(match?.[1]?.replaceAll('""', '"') ?? match?.[2] ?? "");
    if (match === null || cell.lastIndex >= record.length) return cells;
    cell.lastIndex++;
    if (cell.lastIndex === record.length) return [...cells, ""];
  }
}
