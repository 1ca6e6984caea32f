// Decides whether DuckDB's reader took every cell of a CSV file: it accepts a row with one empty cell too many
// ("1,2,3," for three columns) and says nothing.

import { type FileHandle, open } from "node:fs/promises";

const CHUNK_BYTES = 4 * 1024 * 1024;
const QUOTE = 0x22;
/** Ways for a line to end with an empty cell, and the quoted ones. */
const EMPTY_ENDS = [",\n", ",\r"];
const QUOTED_EMPTY_ENDS = ['""\n', '""\r', '"" '];
const LONGEST_END = 3;

/**
 * True when no row of the file can have had an empty cell too many. `cellBytes` is the length of all cells together:
 * where nothing is quoted, they, a separator each and the header make up the file; each byte more is looked into.
 */
export async function isWhole(
  path: string,
  counts: { readonly rows: number; readonly columns: number; readonly cellBytes: number },
): Promise<boolean> {
  await using file = await open(path, "r");
  const { headerBytes, lineEndBytes } = await readHeader(file);
  const bytes = headerBytes + counts.cellBytes + counts.rows * (counts.columns - 1 + lineEndBytes);
  return bytes === (await file.stat()).size || !(await hasEmptyEnd(file));
}

async function readHeader(file: FileHandle): Promise<{ headerBytes: number; lineEndBytes: number }> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, 0);
  const end = buffer.subarray(0, bytesRead).indexOf("\n");
  return { headerBytes: end + 1, lineEndBytes: end > 0 && buffer[end - 1] === 0x0d ? 2 : 1 };
}

async function hasEmptyEnd(file: FileHandle): Promise<boolean> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let position = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, position);
    const chunk = buffer.subarray(0, bytesRead);
    const ends = chunk.includes(QUOTE) ? [...EMPTY_ENDS, ...QUOTED_EMPTY_ENDS] : EMPTY_ENDS;
    if (ends.some((end) => chunk.includes(end))) return true;
    if (bytesRead < CHUNK_BYTES) return false;
    position += bytesRead - (LONGEST_END - 1);
  }
}
