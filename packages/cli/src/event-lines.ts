// Decides how a file of events is cut: a line an event, as bytes, so that what is not UTF-8 is seen as such.

import { createReadStream } from "node:fs";

export interface EventLines {
  readonly lines: readonly Uint8Array[];
  /** Of the last line of these. */
  readonly lineNumber: number;
}

/** What a stream takes of one event (Kinesis quotas, 2026-11-24). */
const MAX_LINE_BYTES = 1_024 * 1_024;
const LINES_AT_ONCE = 500;
const LINE_FEED = 0x0a;

/** The lines of a file, or of stdin for `-`, without blank ones. @throws InvalidInputError naming file and line. */
export async function* readEventLines(file: string): AsyncGenerator<EventLines> {
  let lines: Uint8Array[] = [];
  let lineNumber = 0;
  for await (const line of cutLines(file)) {
    lineNumber += 1;
    if (line.length > MAX_LINE_BYTES) throw await tooLong(file, lineNumber);
    if (!isBlank(line)) lines.push(line);
    if (lines.length < LINES_AT_ONCE) continue;
    yield { lines, lineNumber };
    lines = [];
  }
  if (lines.length > 0) yield { lines, lineNumber };
}

async function* cutLines(file: string): AsyncGenerator<Buffer> {
  const input = file === "-" ? process.stdin : createReadStream(file);
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of input as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
      yield Buffer.concat([rest, chunk.subarray(from, end)]);
      rest = Buffer.alloc(0);
      from = end + 1;
    }
    rest = Buffer.concat([rest, chunk.subarray(from)]);
    if (rest.length > MAX_LINE_BYTES) break; // whoever reads the line refuses it
  }
  if (rest.length > 0) yield rest;
}

const isBlank = (line: Buffer): boolean => line.toString("latin1").trim() === "";

async function tooLong(file: string, lineNumber: number): Promise<Error> {
  const { InvalidInputError } = await import("@steward/core");
  return new InvalidInputError(
    `${file === "-" ? "stdin" : file}: line ${lineNumber} has more than 1 MiB, and an event may not; the lines before it are on the stream`,
  );
}
