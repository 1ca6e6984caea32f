// Decides what of a Parquet file beside its rows must outlive a rewrite, and refuses what no rewrite here can keep.
// Not kept: encodings, page and row group borders, statistics, bloom filters, page indexes, the writer's name. None of
// them changes a value or its type.

import { DataRejectedError } from "@steward/core";
import type { CompressionCodec, FileMetaData, SchemaElement } from "hyparquet";
import type { FileStyle } from "../row-eraser.ts";
import type { ParquetFile } from "./parquet-reader.ts";
import { storedType, typeText } from "./schema-annotation.ts";
import { topLevelColumns } from "./top-level-columns.ts";

const CODECS: readonly string[] = ["UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "BROTLI", "LZ4_RAW"];

const NEW_ENCODING = /^(DELTA_|BYTE_STREAM_SPLIT)/;

/** @throws DataRejectedError naming the key and what of the file cannot be kept. */
export function styleOf(file: ParquetFile): FileStyle {
  const { metadata, key } = file;
  for (const { columns, sorting_columns } of metadata.row_groups) {
    if (sorting_columns !== undefined) throw cannotKeep(key, "the note on how its rows are sorted");
    for (const { crypto_metadata, encrypted_column_metadata, file_path, meta_data } of columns) {
      const name = quoted(meta_data?.path_in_schema ?? []);
      if (crypto_metadata !== undefined || encrypted_column_metadata !== undefined)
        throw cannotKeep(key, `the encryption of the column ${name}`);
      if (file_path !== undefined) throw cannotKeep(key, `the column ${name}, which lies in another file`);
      if (meta_data?.key_value_metadata !== undefined)
        throw cannotKeep(key, `the key-value metadata of the column ${name}`);
    }
  }
  return {
    codec: codecOf(file),
    hasDeltaEncodings: usesNewEncodings(metadata),
    rowsPerRowGroup: Math.max(1, ...metadata.row_groups.map(({ num_rows }) => Number(num_rows))),
    millisecondColumns: topLevelColumns(file)
      .filter((element) => typeText(element).startsWith("INT64 TIMESTAMP(MILLIS,"))
      .map(({ name }) => name),
  };
}

/** Before the copy is given the original's schema: whether its columns are stored as that says. @throws DataRejectedError naming the first that is not. */
export function checkStoredAlike(original: ParquetFile, copy: ParquetFile): void {
  const { key, metadata } = original;
  const count = Math.max(metadata.schema.length, copy.metadata.schema.length);
  for (let at = 1; at < count; at++) checkStored(key, metadata.schema[at], copy.metadata.schema[at]);
}

/** @throws DataRejectedError naming what the copy has otherwise: any word of the schema, metadata, version, codec. */
export function checkSameStyle({ key, metadata }: ParquetFile, { metadata: copy }: ParquetFile): void {
  if (JSON.stringify(metadata.schema) !== JSON.stringify(copy.schema)) throw cannotKeep(key, "its schema");
  if (metadata.version !== copy.version) throw cannotKeep(key, "its format version");
  const keyValues = [metadata, copy].map(({ key_value_metadata = [] }) => JSON.stringify(key_value_metadata));
  if (keyValues[0] !== keyValues[1]) throw cannotKeep(key, "its key-value metadata");
  const codecs = new Set([...codecsOf(metadata), ...codecsOf(copy)]);
  if (codecs.size > 1) throw cannotKeep(key, "its compression codec");
}

export function cannotKeep(key: string, what: string): DataRejectedError {
  return new DataRejectedError(
    `"${key}" was not written again without the subject's rows: a rewrite would not keep ${what}`,
  );
}

function checkStored(key: string, element: SchemaElement | undefined, copy: SchemaElement | undefined): void {
  if (element === undefined || copy === undefined) throw cannotKeep(key, "its columns");
  const name = quoted([element.name]);
  if (element.name !== copy.name) throw cannotKeep(key, `the name ${name} of a column`);
  if (storedType(element) !== storedType(copy))
    throw cannotKeep(key, `the type of the column ${name}: ${typeText(element)} would be ${typeText(copy)}`);
  if (element.repetition_type !== copy.repetition_type)
    throw cannotKeep(key, `that the column ${name} is ${element.repetition_type}`);
  if ((element.num_children ?? 0) !== (copy.num_children ?? 0))
    throw cannotKeep(key, `the columns within ${name}`);
}

function codecOf({ key, metadata }: ParquetFile): FileStyle["codec"] {
  const [codec = "UNCOMPRESSED", other] = new Set(codecsOf(metadata));
  if (other !== undefined) throw cannotKeep(key, `codecs that differ by column: ${codec} and ${other}`);
  if (!isWritable(codec)) throw cannotKeep(key, `its compression codec ${codec}`);
  return codec;
}

function isWritable(codec: CompressionCodec): codec is FileStyle["codec"] {
  return CODECS.includes(codec);
}

function codecsOf(metadata: FileMetaData): readonly CompressionCodec[] {
  return metadata.row_groups.flatMap(({ columns }) =>
    columns.flatMap(({ meta_data }) => meta_data?.codec ?? []),
  );
}

/** A reader that took the original must not meet encodings that it may not know. */
function usesNewEncodings(metadata: FileMetaData): boolean {
  return metadata.row_groups.some(({ columns }) =>
    columns.some(({ meta_data }) => meta_data?.encodings.some((encoding) => NEW_ENCODING.test(encoding))),
  );
}

function quoted(path: readonly string[]): string {
  return JSON.stringify(path.join("."));
}
