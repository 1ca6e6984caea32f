// Decides where one CSV record ends, how many cells it has and whether its quoting is sound.

export interface RecordShape {
  /** The byte after the record, its line end included. */
  end: number;
  cellCount: number;
  isQuoted: boolean;
  /** Text after a closing quote, a quote that does not close, or a carriage return in the middle of a line. */
  isBroken: boolean;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;
const SPACE = 0x20;

/**
 * Reads the record that begins at `start` into `shape`; false when the chunk ends before the record does, unless it is
 * the last chunk. A quoted cell that has not closed after `maxBytes`, or at the end of the file, breaks its record,
 * which then ends with its line: the rest of the file is not lost with it.
 */
export function readRecord(
  chunk: Uint8Array,
  start: number,
  isLast: boolean,
  maxBytes: number,
  shape: RecordShape,
): boolean {
  shape.cellCount = 1;
  shape.isQuoted = false;
  shape.isBroken = false;
  let isCellStart = true;
  for (let at = start; at < chunk.length; at++) {
    const byte = chunk[at];
    if (byte === COMMA) {
      shape.cellCount++;
      isCellStart = true;
    } else if (byte === LINE_FEED) {
      shape.end = at + 1;
      return true;
    } else if (byte === CARRIAGE_RETURN) {
      if (at + 1 < chunk.length && chunk[at + 1] !== LINE_FEED) shape.isBroken = true;
    } else if (byte === QUOTE && isCellStart) {
      shape.isQuoted = true;
      const close = closingQuote(chunk, at + 1, Math.min(chunk.length, start + maxBytes));
      if (close === undefined) {
        if (!isLast && chunk.length < start + maxBytes) return false;
        return endWithLine(chunk, start, isLast, shape);
      }
      at = close;
      if (!isCellEnd(chunk, close + 1)) shape.isBroken = true;
      isCellStart = false;
    } else if (byte !== SPACE) {
      isCellStart = false;
    }
  }
  shape.end = chunk.length;
  return isLast;
}

function closingQuote(chunk: Uint8Array, from: number, limit: number): number | undefined {
  for (let at = from; at < limit; at++) {
    if (chunk[at] !== QUOTE) continue;
    if (chunk[at + 1] !== QUOTE) return at;
    at++;
  }
  return undefined;
}

/** Whether after a closing quote nothing but spaces comes before the cell's end. The end of the chunk counts: a record
 * that reaches it is read again with the next. */
function isCellEnd(chunk: Uint8Array, from: number): boolean {
  let at = from;
  while (chunk[at] === SPACE) at++;
  return (
    at >= chunk.length || chunk[at] === COMMA || chunk[at] === LINE_FEED || chunk[at] === CARRIAGE_RETURN
  );
}

function endWithLine(chunk: Uint8Array, start: number, isLast: boolean, shape: RecordShape): boolean {
  shape.isBroken = true;
  const lineFeed = chunk.indexOf(LINE_FEED, start);
  shape.end = lineFeed === -1 ? chunk.length : lineFeed + 1;
  return lineFeed !== -1 || isLast;
}
