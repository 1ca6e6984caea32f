// Parquet objects for tests of erasing: written by DuckDB from SQL, and read back by hyparquet, which did not write them.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { DuckDbRowEraser, FolderObjectStore, ParquetErasureFiles } from "@steward/adapters";
import type { ErasureFiles, FileVersion, ObjectStore } from "@steward/core";
import { asyncBufferFromFile, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { FakeTimer } from "./fake-timer.ts";
import { makeTemporaryFolder, removeFolder } from "./temporary-folder.ts";

export interface ErasureFilesHarness {
  readonly files: ErasureFiles;
  readonly objects: ObjectStore;
  /** Puts the rows of a query under the key, with options of DuckDB's COPY. */
  putRows(key: string, sql: string, options?: string): Promise<FileVersion>;
  putBytes(key: string, bytes: Uint8Array): Promise<FileVersion>;
  /** What lies in the scratch folder. */
  leftovers(): readonly string[];
  close(): Promise<void>;
}

export interface ErasureFilesOptions {
  readonly change?: (eraser: DuckDbRowEraser) => void;
  /** The store under the files, in that folder where it needs one; files of the folder unless given. */
  readonly openObjects?: (folder: string) => ClosableObjectStore | Promise<ClosableObjectStore>;
}

export type ClosableObjectStore = ObjectStore & { close(): void | Promise<void> };

export async function openErasureFiles({
  change,
  openObjects = (folder) => new FolderObjectStore({ root: join(folder, "objects"), timer: new FakeTimer() }),
}: ErasureFilesOptions = {}): Promise<ErasureFilesHarness> {
  const folder = makeTemporaryFolder();
  const scratch = join(folder, "scratch");
  const objects = await openObjects(folder);
  const eraser = new DuckDbRowEraser({ scratch });
  change?.(eraser);
  const put = async (key: string, path: string) => {
    const outcome = await objects.putFile(key, path);
    if (outcome.kind !== "stored") throw new Error("the put met a conflict");
    return { key, versionId: outcome.object.versionId };
  };
  return {
    files: new ParquetErasureFiles({ objects, scratch, eraser }),
    objects,
    putRows: async (key, sql, copyOptions = "") => {
      const path = join(folder, "rows.parquet");
      await runSql(
        `COPY (${sql}) TO '${path}' (FORMAT parquet${copyOptions === "" ? "" : `, ${copyOptions}`})`,
      );
      return put(key, path);
    },
    putBytes: async (key, bytes) => {
      const outcome = await objects.put(key, bytes);
      if (outcome.kind !== "stored") throw new Error("the put met a conflict");
      return { key, versionId: outcome.object.versionId };
    },
    leftovers: () => (existsSync(scratch) ? readdirSync(scratch) : []),
    close: async () => {
      await objects.close();
      removeFolder(folder);
    },
  };
}

/** All rows of a Parquet file, as hyparquet reads them; microseconds as a bigint, which a Date would cut. */
export async function rowsOf(path: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const parsers = { timestampFromMicroseconds: (micros: bigint) => micros };
  return parquetReadObjects({ file: await asyncBufferFromFile(path), compressors, parsers });
}

export async function footerOf(path: string): Promise<FileMetaData> {
  return parquetMetadataAsync(await asyncBufferFromFile(path));
}

export function holdsText(path: string, text: string): boolean {
  return readFileSync(path).includes(text);
}

export async function runSql(sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    await connection.run(sql);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
