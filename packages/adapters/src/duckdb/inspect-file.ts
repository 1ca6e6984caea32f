// Decides whether a CSV file can be appended at all, in one pass over its bytes: there, not empty, the header exactly
// the source's columns, the last line ended, every quote closed. Leaves the rows to parse-rows.ts.

import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { type InputFile, type InspectedFile, InvalidInputError, type Source } from "@steward/core";

const CHUNK_BYTES = 4 * 1024 * 1024;
const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const BYTE_ORDER_MARK = "\ufeff";
/** What a column name looks like, declared or not. */
const NAME = /^[a-zA-Z][a-zA-Z0-9_]{0,63}$/;
const COMPARE = "compare it with the original and hand in the whole file";

/** What the file is, by content. @throws InvalidInputError naming file and rule; never a cell. */
export async function inspectFile(source: Source, file: InputFile, path: string): Promise<InspectedFile> {
  const handle = await openFile(file, path);
  try {
    return await inspectOpened(source, file, handle);
  } finally {
    await handle.close();
  }
}

async function openFile(file: InputFile, path: string): Promise<FileHandle> {
  try {
    const handle = await open(path, "r");
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") throw invalid(file, "does not exist");
    if (code === "EACCES") throw invalid(file, "may not be read by this user");
    if (code !== "EISDIR") throw error;
  }
  throw invalid(file, "is not a file");
}

async function inspectOpened(source: Source, file: InputFile, handle: FileHandle): Promise<InspectedFile> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let sizeBytes = 0;
  let quoteCount = 0;
  let lastByte = -1;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, sizeBytes);
    if (bytesRead === 0) break;
    const chunk = buffer.subarray(0, bytesRead);
    if (sizeBytes === 0) checkHeader(source, file, chunk);
    hash.update(chunk);
    quoteCount += countQuotes(chunk);
    lastByte = chunk[bytesRead - 1] ?? -1;
    sizeBytes += bytesRead;
  }
  if (sizeBytes === 0) throw invalid(file, "is empty: not even a header line");
  if (quoteCount % 2 === 1) {
    throw invalid(file, `has a quote that is never closed, so it may be cut inside a cell; ${COMPARE}`);
  }
  if (lastByte !== LINE_FEED) {
    throw invalid(
      file,
      `does not end with a line end, so its last row may be cut; ${COMPARE}, or add the line end if nothing is missing`,
    );
  }
  return { name: file.name, contentId: hash.digest("hex"), sizeBytes };
}

function countQuotes(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(QUOTE); at !== -1 && at < chunk.length; at++) if (chunk[at] === QUOTE) count++;
  return count;
}

function checkHeader(source: Source, file: InputFile, chunk: Buffer): void {
  const end = chunk.indexOf(LINE_FEED);
  if (end === -1) throw invalid(file, "has no line end after its header, so it may be cut");
  const line = chunk.toString("utf8", 0, end).replace(BYTE_ORDER_MARK, "").replace(/\r$/, "");
  const found = line.split(",").map((cell) => /^"(.*)"$/.exec(cell)?.[1]?.replaceAll('""', '"') ?? cell);
  const expected = Object.keys(source.columns);
  if (!found.some((name) => expected.includes(name))) {
    throw invalid(file, `has no header line: its first line must be ${expected.join(",")}`);
  }
  const missing = expected.filter((name) => !found.includes(name));
  if (missing.length > 0) throw invalid(file, `lacks the column ${listed(missing)}; ${headerRule(expected)}`);
  const unknown = found.filter((name) => !expected.includes(name)).map(speakable);
  if (unknown.length > 0)
    throw invalid(file, `has an unknown column ${listed(unknown)}; ${headerRule(expected)}`);
  const twice = expected.filter((name) => found.indexOf(name) !== found.lastIndexOf(name));
  if (twice.length > 0) throw invalid(file, `has the column ${listed(twice)} twice; ${headerRule(expected)}`);
  const moved = expected.filter((name, index) => found[index] !== name);
  if (moved.length > 0)
    throw invalid(file, `has its columns in another order (${listed(moved)}); ${headerRule(expected)}`);
}

/** A name as a message may hold it: one that does not look like a name could be anything. */
function speakable(name: string): string {
  return NAME.test(name) ? name : "(not a column name)";
}

function listed(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}

function headerRule(expected: readonly string[]): string {
  return `the header must be ${expected.join(",")}`;
}

function invalid(file: InputFile, rule: string): InvalidInputError {
  return new InvalidInputError(`input file "${file.name}" ${rule}`);
}
