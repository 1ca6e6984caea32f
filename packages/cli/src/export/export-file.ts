// Decides how an export becomes a file: under a temporary name beside it, renamed when it is whole.

import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { type FeatureGroup, type FeatureRecord, InvalidInputError, toRow } from "@steward/core";
import { jsonlToParquet } from "./jsonl-to-parquet.ts";
import type { Write } from "./write-rows.ts";

/** Writes the file whole or not at all. @throws InvalidInputError when it cannot be written there. */
export async function writeTextFile<T>(output: string, work: (write: Write) => Promise<T>): Promise<T> {
  return wholeFile(output, (temporary) => fillFile(temporary, work));
}

/** recordId, eventTime, then the features, each column with its type. Returns the number of records. */
export async function writeParquet(
  group: FeatureGroup,
  pages: AsyncIterable<readonly FeatureRecord[]>,
  output: string,
): Promise<number> {
  return wholeFile(output, (parquet) =>
    withTemporary(`${parquet}.jsonl`, async (jsonl) => {
      let count = 0;
      await fillFile(jsonl, async (write) => {
        for await (const page of pages) {
          count += page.length;
          await write(page.map((record) => toFlatLine(group, record)).join(""));
        }
      });
      await jsonlToParquet(group, jsonl, parquet);
      return count;
    }),
  );
}

function toFlatLine(group: FeatureGroup, record: FeatureRecord): string {
  const { recordId, eventTime, features } = toRow(group, record);
  return `${JSON.stringify([recordId, eventTime, ...Object.values(features)])}\n`;
}

async function wholeFile<T>(output: string, work: (temporary: string) => Promise<T>): Promise<T> {
  const path = resolve(output);
  const folder = dirname(path);
  if (!existsSync(folder)) throw new InvalidInputError(`--output ${path}: its folder does not exist`);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new InvalidInputError(`--output ${path} is a folder: name a file`);
  return withTemporary(join(folder, `.${basename(path)}.${process.pid}.tmp`), async (temporary) => {
    const result = await work(temporary);
    renameSync(temporary, path);
    return result;
  });
}

/** Whatever happens, nothing is left under the temporary name; at Ctrl-C it goes with the process. */
async function withTemporary<T>(path: string, work: (path: string) => Promise<T>): Promise<T> {
  const remove = (): void => rmSync(path, { force: true });
  process.once("exit", remove);
  try {
    return await work(path);
  } finally {
    process.removeListener("exit", remove);
    remove();
  }
}

async function fillFile<T>(path: string, work: (write: Write) => Promise<T>): Promise<T> {
  let file: FileHandle;
  try {
    file = await open(path, "w");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "no reason given";
    throw new InvalidInputError(`--output: ${dirname(path)} cannot be written to (${code})`, {
      cause: error,
    });
  }
  try {
    return await work(async (text) => {
      await file.write(text);
    });
  } finally {
    await file.close();
  }
}
