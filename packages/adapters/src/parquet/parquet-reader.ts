// Decides how Parquet is read without DuckDB, which writes it: hyparquet, a column of one row group at a time, so that
// memory is bounded by the largest of those. What hyparquet says of a fault may quote the file and goes nowhere.

import { DataRejectedError } from "@steward/core";
import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type DecodedArray,
  type FileMetaData,
  type ParquetReadOptions,
  parquetMetadataAsync,
  parquetRead,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import type { LocalVersion } from "../row-eraser.ts";

export interface ParquetFile {
  readonly key: string;
  readonly buffer: AsyncBuffer;
  readonly metadata: FileMetaData;
  /** First row and count of each row group. */
  readonly groups: readonly RowRange[];
}

/** Half-open: `[start, end)`. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** Values of one leaf column, in pieces one after the other. */
export type ColumnValues = readonly DecodedArray[];

/** @throws DataRejectedError naming the key when the file is no Parquet, has lost its end, or is encrypted. */
export async function openParquet({ path, key }: LocalVersion): Promise<ParquetFile> {
  return reading(key, "cannot be read as Parquet, so it may be cut", async () => {
    const buffer = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(buffer, { geoparquet: false });
    if (!isWhole(metadata)) throw rejected(key, "has a footer that lacks what every Parquet footer has");
    let start = 0;
    const groups = metadata.row_groups.map(({ num_rows }) => {
      const range = { start, end: start + Number(num_rows) };
      start = range.end;
      return range;
    });
    if (start !== Number(metadata.num_rows))
      throw rejected(key, "counts other rows than its row groups have");
    return { key, buffer, metadata, groups };
  });
}

/** The values of top-level columns in one row group as their types say (text, Date, lists): one array a column. */
export async function readValues(
  file: ParquetFile,
  range: RowRange,
  columns: readonly string[],
): Promise<ReadonlyMap<string, ArrayLike<unknown>>> {
  const pieces = new Map<string, DecodedArray[]>(columns.map((column) => [column, []]));
  await read(file, range, columns, {
    onChunk: ({ columnName, columnData }) => pieces.get(columnName)?.push(columnData),
  });
  return new Map([...pieces].map(([column, found]) => [column, joined(file, range, column, found)]));
}

/**
 * The values of one top-level column in one row group as they are stored, by the path of each leaf below it: numbers,
 * bigints, bytes; null, and an array for each level that may be absent or repeated.
 */
export async function readStored(
  file: ParquetFile,
  range: RowRange,
  column: string,
): Promise<ReadonlyMap<string, ArrayLike<unknown>>> {
  const pieces = new Map<string, DecodedArray[]>();
  await read({ ...file, metadata: withoutAnnotations(file.metadata) }, range, [column], {
    utf8: false,
    parsers: { timestampFromNanoseconds: (nanos) => nanos },
    onPage: ({ pathInSchema, columnData }) => {
      const path = JSON.stringify(pathInSchema);
      const found = pieces.get(path);
      if (found === undefined) pieces.set(path, [columnData]);
      else found.push(columnData);
    },
  });
  return new Map([...pieces].map(([path, found]) => [path, joined(file, range, column, found)]));
}

async function read(
  { key, buffer, metadata }: ParquetFile,
  { start, end }: RowRange,
  columns: readonly string[],
  options: Partial<ParquetReadOptions>,
): Promise<void> {
  await reading(key, "cannot be read to its end, so it may be damaged", () =>
    parquetRead({
      file: buffer,
      metadata,
      compressors,
      columns: [...columns],
      rowStart: start,
      rowEnd: end,
      geoparquet: false,
      ...options,
    } as ParquetReadOptions),
  );
}

/** hyparquet hands on what it finds in a damaged footer, whatever its types say. */
function isWhole({ schema, row_groups, key_value_metadata = [] }: FileMetaData): boolean {
  const texts = [...schema.map(({ name }) => name), ...key_value_metadata.map(({ key }) => key)];
  return (
    texts.every((text) => typeof text === "string") &&
    row_groups.every(({ columns }) =>
      columns.every(({ meta_data }) => meta_data === undefined || Array.isArray(meta_data.encodings)),
    )
  );
}

/** Converters follow the annotations; without any, values stay as they are stored. */
function withoutAnnotations(metadata: FileMetaData): FileMetaData {
  const schema = metadata.schema.map(({ converted_type: _, logical_type: __, ...element }) => element);
  return { ...metadata, schema };
}

function joined(
  { key }: ParquetFile,
  { start, end }: RowRange,
  column: string,
  pieces: ColumnValues,
): ArrayLike<unknown> {
  const [first, ...others] = pieces;
  const values: ArrayLike<unknown> =
    first !== undefined && others.length === 0
      ? first
      : pieces.flatMap((piece) => Array.from<unknown>(piece));
  if (values.length !== end - start) throw rejected(key, `has too few or too many values in "${column}"`);
  return values;
}

/** Whatever a damaged file makes a reader do is one fault, said in our words. */
export async function reading<T>(key: string, fault: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof DataRejectedError ? error : rejected(key, fault);
  }
}

function rejected(key: string, fault: string): DataRejectedError {
  return new DataRejectedError(`"${key}" ${fault}`);
}
