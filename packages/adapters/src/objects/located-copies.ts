// Decides which versions lie as copies on this machine, for engines that read paths: within a budget, the least recently
// used go first. Leaves to S3 whether a version is still there.

import { createHash, randomBytes } from "node:crypto";
import { createWriteStream, mkdirSync, mkdtempSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { toVersionPath, type VersionName } from "./object-key.ts";

interface Copy {
  readonly path: Promise<string>;
  readonly sizeBytes: number;
  lastUsedMs: number;
}

/** Whoever was given a path may still read it: longer than a function lives. */
const KEPT_MS = 16 * 60_000;
/** As the ids of the folder store are, so that a path is made alike. */
const ID_LENGTH = 24;

export class LocatedCopies {
  readonly #root: string;
  readonly #maxBytes: number;
  /** The least recently used first. */
  readonly #copies = new Map<string, Copy>();

  constructor(scratch: string, maxBytes: number) {
    mkdirSync(scratch, { recursive: true, mode: 0o700 });
    this.#root = mkdtempSync(join(scratch, "objects-"));
    this.#maxBytes = maxBytes;
  }

  /** The path of the copy; two who ask at once download once. */
  async locate(version: VersionName, sizeBytes: number, read: () => Promise<Readable>): Promise<string> {
    const id = idOf(version);
    const known = this.#copies.get(id);
    const copy = known ?? { path: this.#download(version, id, read), sizeBytes, lastUsedMs: 0 };
    copy.lastUsedMs = performance.now();
    this.#copies.delete(id);
    this.#copies.set(id, copy);
    try {
      const path = await copy.path;
      await this.#makeRoom();
      return path;
    } catch (error) {
      if (this.#copies.get(id) === copy) this.#copies.delete(id);
      throw error;
    }
  }

  async drop(version: VersionName): Promise<void> {
    const id = idOf(version);
    const copy = this.#copies.get(id);
    if (copy === undefined) return;
    this.#copies.delete(id);
    await copy.path.then(
      (path) => rm(path, { force: true }),
      () => undefined,
    );
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#copies.values()].map(({ path }) => path));
    this.#copies.clear();
    await rm(this.#root, { recursive: true, force: true });
  }

  async #download({ key }: VersionName, id: string, read: () => Promise<Readable>): Promise<string> {
    const path = toVersionPath(this.#root, { key, versionId: id });
    const incoming = join(this.#root, `.${randomBytes(8).toString("hex")}`);
    try {
      await pipeline(await read(), createWriteStream(incoming, { mode: 0o600 }));
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await rename(incoming, path);
      return path;
    } finally {
      await rm(incoming, { force: true });
    }
  }

  async #makeRoom(): Promise<void> {
    let heldBytes = 0;
    for (const { sizeBytes } of this.#copies.values()) heldBytes += sizeBytes;
    const oldestMs = performance.now() - KEPT_MS;
    for (const [id, copy] of this.#copies) {
      if (heldBytes <= this.#maxBytes || copy.lastUsedMs > oldestMs) return;
      this.#copies.delete(id);
      heldBytes -= copy.sizeBytes;
      await copy.path.then(
        (path) => rm(path, { force: true }),
        () => undefined,
      );
    }
  }
}

function idOf({ key, versionId }: VersionName): string {
  return createHash("sha256").update(`${key}\0${versionId}`).digest("hex").slice(0, ID_LENGTH);
}
