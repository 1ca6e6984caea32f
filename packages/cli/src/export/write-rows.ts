// Decides how records become lines of text: JSON Lines, or CSV with RFC 4180 quoting.

import { type FeatureGroup, type FeatureRecord, type RecordRow, toRow } from "@steward/core";

export type TextFormat = "jsonl" | "csv";
/** Takes a piece of text that ends with a line's end; resolves when more may come. */
export type Write = (text: string) => Promise<void>;

/** Writes all pages and returns how many records they held. */
export async function writeRows(
  group: FeatureGroup,
  pages: AsyncIterable<readonly FeatureRecord[]>,
  format: TextFormat,
  write: Write,
): Promise<number> {
  const toLine = format === "csv" ? toCsvLine : (row: RecordRow) => `${JSON.stringify(row)}\n`;
  if (format === "csv") await write(csvHeader(group));
  let count = 0;
  for await (const page of pages) {
    count += page.length;
    if (page.length > 0) await write(page.map((record) => toLine(toRow(group, record))).join(""));
  }
  return count;
}

function csvHeader(group: FeatureGroup): string {
  return `${["recordId", "eventTime", ...group.features.map(({ name }) => name)].map(toCell).join(",")}\n`;
}

function toCsvLine({ recordId, eventTime, features }: RecordRow): string {
  return `${[recordId, eventTime, ...Object.values(features)].map(toCell).join(",")}\n`;
}

/** null is empty; text that is empty is `""`, so that the two stay apart. */
function toCell(value: string | number | boolean | null): string {
  if (value === null) return "";
  const text = String(value);
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
