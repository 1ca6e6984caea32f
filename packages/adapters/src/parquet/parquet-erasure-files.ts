// Decides how one Parquet object is counted, written again without the rows of subjects, and scanned: one engine writes,
// and nothing that it wrote is handed on before hyparquet, which shares no code with it, has compared it with the original.

import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  DataRejectedError,
  type ErasureFiles,
  type FileVersion,
  type ObjectStore,
  type Rewrite,
  type SubjectCount,
  type SubjectCounts,
  type SubjectRows,
} from "@steward/core";
import type { LocalVersion, RowEraser } from "../row-eraser.ts";
import { checkSameRows } from "./compare-rows.ts";
import { cannotKeep, checkSameStyle, checkStoredAlike, styleOf } from "./file-style.ts";
import { hasUnknownFields, keepFooterWords } from "./footer.ts";
import { openParquet } from "./parquet-reader.ts";
import { scanRows } from "./scan-rows.ts";

export interface ParquetErasureFilesOptions {
  readonly objects: ObjectStore;
  /** Counts and writes. */
  readonly eraser: RowEraser;
  /** A folder on the file system of the object store: files are written here and moved in. */
  readonly scratch: string;
}

export class ParquetErasureFiles implements ErasureFiles {
  readonly #options: ParquetErasureFilesOptions;

  constructor(options: ParquetErasureFilesOptions) {
    this.#options = options;
  }

  async count(file: FileVersion, rows: SubjectRows): Promise<SubjectCount> {
    return this.#options.eraser.count(await this.#locate(file), rows);
  }

  async countEach(file: FileVersion, rows: SubjectRows): Promise<SubjectCounts> {
    return this.#options.eraser.countEach(await this.#locate(file), rows);
  }

  async rewrite(file: FileVersion, rows: SubjectRows): Promise<Rewrite> {
    const { eraser, scratch } = this.#options;
    const version = await this.#locate(file);
    const original = await openParquet(version);
    const style = styleOf(original);
    if (await hasUnknownFields(version)) throw cannotKeep(file.key, "its encryption");
    const { gone } = await scanRows(original, rows);
    const rowCount = Number(original.metadata.num_rows) - gone.length;
    if (rowCount === 0) {
      checkAgreed(file, gone.length, (await eraser.count(version, rows)).rows);
      return { path: undefined, rowCount, erasedCount: gone.length };
    }
    await mkdir(scratch, { recursive: true });
    const path = join(scratch, `erasure-${randomUUID()}.parquet`);
    try {
      checkAgreed(file, gone.length, await eraser.write(version, rows, style, path));
      checkStoredAlike(original, await openParquet({ path, key: file.key }));
      await keepFooterWords(version, path);
      const copy = await openParquet({ path, key: file.key });
      checkSameStyle(original, copy);
      await checkSameRows(original, copy, gone);
      return { path, rowCount, erasedCount: gone.length };
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  async scan(file: FileVersion, rows: SubjectRows): Promise<SubjectCount> {
    const { gone, newerCount } = await scanRows(await openParquet(await this.#locate(file)), rows);
    return { rows: gone.length, newerRows: newerCount };
  }

  async #locate({ key, versionId }: FileVersion): Promise<LocalVersion> {
    return { path: await this.#options.objects.locate(key, { versionId }), key };
  }
}

function checkAgreed({ key }: FileVersion, scanned: number, erased: number): void {
  if (scanned === erased) return;
  throw new DataRejectedError(
    `"${key}" was not written again: one reader finds ${erased} rows of the subjects in it, the other ${scanned}`,
  );
}
