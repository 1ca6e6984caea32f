// Decides which rows of a Parquet file are a subject's, a second time and in nothing but JavaScript: what DuckDB says
// of the same rows is held against this.

import { DataRejectedError, type SubjectRows } from "@steward/core";
import type { SchemaElement } from "hyparquet";
import { type ParquetFile, type RowRange, readValues } from "./parquet-reader.ts";
import { toTimeMs } from "./row-time.ts";
import { typeText } from "./schema-annotation.ts";
import { topLevelColumns } from "./top-level-columns.ts";

export interface FoundRows {
  /** Numbers of the rows that go, ascending. */
  readonly gone: readonly number[];
  readonly newerCount: number;
}

type Verdict = "gone" | "newer" | "other";

export async function scanRows(file: ParquetFile, rows: SubjectRows): Promise<FoundRows> {
  const untilMs = latestPerIdentifier(rows);
  const plan = planScan(file, rows);
  const gone: number[] = [];
  let newerCount = 0;
  if (plan === undefined) return { gone, newerCount };
  for (const range of file.groups) {
    const judge = await plan.read(range, untilMs);
    for (let row = range.start; row < range.end; row++) {
      const verdict = judge(row - range.start);
      if (verdict === "gone") gone.push(row);
      if (verdict === "newer") newerCount++;
    }
  }
  return { gone, newerCount };
}

interface ScanPlan {
  read(range: RowRange, untilMs: ReadonlyMap<string, number>): Promise<(index: number) => Verdict>;
}

/** Undefined when the file has no column that may name a subject. */
function planScan(file: ParquetFile, { layout, columns }: SubjectRows): ScanPlan | undefined {
  const names = columnsByName(file);
  const find = (column: string) => names.get(column.toLowerCase());
  if (layout.kind === "set-aside") {
    const cells = find("cells");
    if (cells === undefined) throw rejected(file, 'lacks the column "cells"');
    return { read: (range, untilMs) => readCells(file, range, cells.name, layout.eventTimeIndex, untilMs) };
  }
  const naming = columns.flatMap((column) => find(column) ?? []);
  if (naming.length === 0) return undefined;
  for (const element of naming) checkText(file, element);
  const time = layout.kind === "offline" ? "event_time" : layout.eventTime;
  const dating = find(time);
  if (dating === undefined) throw rejected(file, `lacks the column "${time}", which dates its rows`);
  checkDating(file, dating);
  return {
    read: (range, untilMs) =>
      readNames(
        file,
        range,
        naming.map(({ name }) => name),
        dating.name,
        untilMs,
      ),
  };
}

async function readNames(
  file: ParquetFile,
  range: RowRange,
  naming: readonly string[],
  dating: string,
  untilMs: ReadonlyMap<string, number>,
): Promise<(index: number) => Verdict> {
  const values = await readValues(file, range, [...new Set([...naming, dating])]);
  const names = naming.map((name) => values.get(name) ?? []);
  const times = values.get(dating) ?? [];
  return (index) =>
    judged(
      names.map((column) => column[index]),
      times[index],
      untilMs,
    );
}

async function readCells(
  file: ParquetFile,
  range: RowRange,
  column: string,
  eventTimeIndex: number,
  untilMs: ReadonlyMap<string, number>,
): Promise<(index: number) => Verdict> {
  const rows = (await readValues(file, range, [column])).get(column) ?? [];
  return (index) => {
    const cells: unknown = rows[index];
    return Array.isArray(cells) ? judged(cells, cells[eventTimeIndex], untilMs) : "other";
  };
}

function judged(names: readonly unknown[], time: unknown, untilMs: ReadonlyMap<string, number>): Verdict {
  let verdict: Verdict = "other";
  for (const name of names) {
    const until = typeof name === "string" ? untilMs.get(name) : undefined;
    if (until === undefined) continue;
    const timeMs = toTimeMs(time);
    if (timeMs === undefined || timeMs <= until) return "gone";
    verdict = "newer";
  }
  return verdict;
}

function latestPerIdentifier({ subjects }: SubjectRows): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { identifier, untilMs } of subjects)
    found.set(identifier, Math.max(untilMs, found.get(identifier) ?? untilMs));
  return found;
}

/** The columns of the file by name in small letters. */
function columnsByName(file: ParquetFile): ReadonlyMap<string, SchemaElement> {
  return new Map(topLevelColumns(file).map((element) => [element.name.toLowerCase(), element]));
}

function checkText(file: ParquetFile, element: SchemaElement): void {
  if (!isText(element))
    throw rejected(file, `has no text in the column "${element.name}", so its subjects cannot be told`);
}

function checkDating(file: ParquetFile, element: SchemaElement): void {
  const type = typeText(element);
  if (isText(element) || type === "DOUBLE" || type === "INT96" || / (DATE|TIMESTAMP\(.*\))$/.test(type))
    return;
  throw rejected(
    file,
    `has neither text, a double nor an instant in the column "${element.name}", which dates its rows`,
  );
}

function isText(element: SchemaElement): boolean {
  return ["BYTE_ARRAY STRING", "BYTE_ARRAY ENUM"].includes(typeText(element));
}

function rejected({ key }: ParquetFile, fault: string): DataRejectedError {
  return new DataRejectedError(`"${key}" ${fault}`);
}
