// Decides the keys of a job's objects, and that a second try of the job leaves nothing of the first.

import { stat } from "node:fs/promises";
import { ConflictError, type ObjectStore, type StagedFile } from "@steward/core";

const OWN_NAME = /^(events|set-aside|records)-\d{5}\.parquet$/;
const INDEX_DIGITS = 5;

export type StagedKind = "events" | "set-aside" | "records";

export class StagedObjects {
  readonly #objects: ObjectStore;
  readonly #prefix: string;
  readonly #keys = new Set<string>();

  constructor(objects: ObjectStore, prefix: string) {
    this.#objects = objects;
    this.#prefix = prefix;
  }

  /** Moves the file at `path` in, in place of what an earlier try left under its key. */
  async put(kind: StagedKind, index: number, path: string, rowCount: number): Promise<StagedFile> {
    const key = `${this.#prefix}${kind}-${String(index).padStart(INDEX_DIGITS, "0")}.parquet`;
    const sizeBytes = (await stat(path)).size;
    const outcome = await this.#objects.putFile(key, path);
    if (outcome.kind === "conflict")
      throw new ConflictError(`the object "${key}" is being written by another`);
    this.#keys.add(key);
    return { key, rowCount, sizeBytes };
  }

  /** Removes objects of this job's naming that this try did not write. */
  async removeOthers(): Promise<void> {
    for (const { key } of await this.#objects.list(this.#prefix)) {
      if (!this.#keys.has(key) && OWN_NAME.test(key.slice(this.#prefix.length)))
        await this.#objects.remove(key);
    }
  }
}
