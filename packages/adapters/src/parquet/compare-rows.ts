// Decides whether a copy holds every row of the original but those that were to go, in the same order and to the last
// bit of each stored value. Reads a column of one row group on each side at a time.

import { DataRejectedError } from "@steward/core";
import { type ParquetFile, readStored } from "./parquet-reader.ts";
import { topLevelColumns } from "./top-level-columns.ts";

type Leaves = ReadonlyMap<string, ArrayLike<unknown>>;

/** @throws DataRejectedError naming the key and the first column that differs. `gone`: row numbers, ascending. */
export async function checkSameRows(
  original: ParquetFile,
  copy: ParquetFile,
  gone: readonly number[],
): Promise<void> {
  const expected = Number(original.metadata.num_rows) - gone.length;
  if (Number(copy.metadata.num_rows) !== expected) throw differs(original, "has another number of rows");
  for (const { name } of topLevelColumns(original)) await checkSameColumn(original, copy, name, gone);
}

async function checkSameColumn(
  original: ParquetFile,
  copy: ParquetFile,
  column: string,
  gone: readonly number[],
): Promise<void> {
  const target = new ColumnCursor(copy, column);
  let goneAt = 0;
  for (const range of original.groups) {
    const leaves = await readStored(original, range, column);
    for (let row = range.start; row < range.end; ) {
      if (gone[goneAt] === row) {
        goneAt++;
        row++;
        continue;
      }
      const end = Math.min(range.end, gone[goneAt] ?? range.end);
      const { values, from, count } = await target.take(end - row);
      if (!isSameRun(leaves, row - range.start, values, from, count))
        throw differs(original, `has another value in the column ${JSON.stringify(column)}`);
      row += count;
    }
  }
}

/** The rows of a column one after the other, whatever row groups they lie in. */
class ColumnCursor {
  readonly #file: ParquetFile;
  readonly #column: string;
  #values: Leaves = new Map();
  #nextGroup = 0;
  #at = 0;
  #count = 0;

  constructor(file: ParquetFile, column: string) {
    this.#file = file;
    this.#column = column;
  }

  /** Some of the next rows: at least one, at most `limit`. */
  async take(
    limit: number,
  ): Promise<{ readonly values: Leaves; readonly from: number; readonly count: number }> {
    while (this.#at === this.#count) {
      const range = this.#file.groups[this.#nextGroup++];
      if (range === undefined) throw differs(this.#file, "has too few rows");
      this.#values = await readStored(this.#file, range, this.#column);
      this.#at = 0;
      this.#count = range.end - range.start;
    }
    const from = this.#at;
    const count = Math.min(limit, this.#count - from);
    this.#at += count;
    return { values: this.#values, from, count };
  }
}

function isSameRun(left: Leaves, leftFrom: number, right: Leaves, rightFrom: number, count: number): boolean {
  if (left.size !== right.size) return false;
  for (const [path, values] of left) {
    const others = right.get(path);
    if (others === undefined) return false;
    for (let i = 0; i < count; i++) if (!isSame(values[leftFrom + i], others[rightFrom + i])) return false;
  }
  return true;
}

/** Tells 0 from −0; an absent value is null or undefined. */
function isSame(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (left instanceof Uint8Array && right instanceof Uint8Array) return isSameBytes(left, right);
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length && left.every((value, index) => isSame(value, right[index]));
  return (left ?? null) === null && (right ?? null) === null;
}

function isSameBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}

function differs({ key }: ParquetFile, how: string): DataRejectedError {
  return new DataRejectedError(`"${key}" was not written again without the subject's rows: the copy ${how}`);
}
