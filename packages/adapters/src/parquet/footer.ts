// Decides how a copy of a Parquet file comes by the words of the original's footer that its writer has no way to write:
// the format's version, the schema with its names, annotations and field ids, and the key-value metadata, byte for byte.
// https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift (FileMetaData), read 2026-11-25.

import { type FileHandle, open } from "node:fs/promises";
import type { LocalVersion } from "../row-eraser.ts";
import { reading } from "./parquet-reader.ts";
import { joinStruct, splitStruct, type ThriftField } from "./thrift-fields.ts";

const MAGIC = Buffer.from("PAR1");
/** The footer's length and the magic number end a file. */
const TAIL_BYTES = 8;
const VERSION = 1;
const SCHEMA = 2;
const KEY_VALUES = 5;
const COLUMN_ORDERS = 7;
const KEPT: ReadonlySet<number> = new Set([VERSION, SCHEMA, KEY_VALUES]);

/** Whether the footer has fields that say more than a copy can: an encryption, a signature. */
export async function hasUnknownFields({ path, key }: LocalVersion): Promise<boolean> {
  await using file = await open(path, "r");
  return (await readFooter(key, file)).fields.some(({ id }) => id > COLUMN_ORDERS);
}

/** Gives the copy at `path` those words of the original; the columns of both are stored alike. */
export async function keepFooterWords(original: LocalVersion, path: string): Promise<void> {
  await using from = await open(original.path, "r");
  await using to = await open(path, "r+");
  const kept = (await readFooter(original.key, from)).fields.filter(({ id }) => KEPT.has(id));
  const { fields, start } = await readFooter(original.key, to);
  const own = fields.filter(({ id }) => !KEPT.has(id));
  const footer = joinStruct([...kept, ...own].sort((a, b) => a.id - b.id));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  await to.truncate(start);
  const bytes = Buffer.concat([footer, length, MAGIC]);
  await to.write(bytes, 0, bytes.length, start);
}

interface Footer {
  readonly fields: readonly ThriftField[];
  readonly start: number;
}

async function readFooter(key: string, file: FileHandle): Promise<Footer> {
  return reading(key, "has a footer that cannot be taken apart", async () => {
    const { size } = await file.stat();
    const tail = await readBytes(file, size - TAIL_BYTES, TAIL_BYTES);
    const length = tail.readUInt32LE(0);
    const start = size - TAIL_BYTES - length;
    return { fields: splitStruct(await readBytes(file, start, length)), start };
  });
}

async function readBytes(file: FileHandle, start: number, length: number): Promise<Buffer> {
  if (start < 0) throw new RangeError("the file is shorter than its footer");
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start);
  if (bytesRead < length) throw new RangeError("the file ends within its footer");
  return buffer;
}
