// Decides how a versioned object store lies in a folder: an index in SQLite, and each version's bytes in a file of its own.
// Leaves to core which objects count (manifests), and reading them to whoever `locate` gives the path to.
//
// Bytes and rows come and go in an order that a kill cannot tear:
// - A put writes its bytes whole into `.incoming`, then, inside one index transaction, checks the condition, moves the
//   file to its place and inserts the row. Killed before the commit, the row is not there and the file is a stray: the
//   next open removes it. No living process can be between its move and its commit while another holds the index's
//   write lock, so a file without a row, seen under that lock, belongs to nobody.
// - A removal marks the rows, deletes the bytes, then drops the rows. Dropping first would leave bytes that no listing
//   names, deleting first would leave a row that claims bytes for ever. A marked row is no longer read but still listed,
//   so that a scan for what is left sees it; removing again, or the next open, finishes the work.

import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, renameSync, rmSync, type Stats, statSync } from "node:fs";
import { lstat, readFile, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import {
  InvalidInputError,
  NotFoundError,
  type ObjectStore,
  type ObjectVersion,
  type PutCondition,
  type PutOutcome,
  type StoredObject,
  type Timer,
  toEpochMs,
} from "@steward/core";
import { isErrorCode } from "../error-code.ts";
import { finishRemoval, removeStrays } from "./folder-sweep.ts";
import {
  copyWhole,
  etagOf,
  etagOfFile,
  hasBytesOf,
  incomingPath,
  removeLeftovers,
  syncFile,
  writeWhole,
} from "./incoming-file.ts";
import { ObjectIndex } from "./object-index.ts";
import { checkKey, INCOMING_FOLDER, INDEX_FILE, toVersionPath, type VersionName } from "./object-key.ts";

export interface FolderObjectStoreOptions {
  readonly root: string;
  /** Real time, for the date of a version. */
  readonly timer: Timer;
}

interface Content {
  readonly etag: string;
  readonly sizeBytes: number;
}

/** How bytes come to the path of their version, and how they leave it when the transaction fails after all. */
interface Move {
  place(path: string): void;
  undo(path: string): void;
}

const VERSION_ID_BYTES = 12;

export class FolderObjectStore implements ObjectStore {
  readonly #root: string;
  readonly #incoming: string;
  readonly #timer: Timer;
  readonly #index: ObjectIndex;

  /** Opening finishes the removals and clears the leftovers of processes that were killed; it reads every folder once. */
  constructor(options: FolderObjectStoreOptions) {
    this.#root = resolve(options.root);
    this.#incoming = join(this.#root, INCOMING_FOLDER);
    this.#timer = options.timer;
    mkdirSync(this.#incoming, { recursive: true, mode: 0o700 });
    this.#index = new ObjectIndex(join(this.#root, INDEX_FILE));
    removeLeftovers(this.#incoming);
    finishRemoval(this.#root, this.#index, this.#index.listRemoving());
    removeStrays(this.#root, this.#index);
  }

  async put(key: string, bytes: Uint8Array, condition?: PutCondition): Promise<PutOutcome> {
    checkKey(key);
    const incoming = incomingPath(this.#incoming);
    try {
      await writeWhole(incoming, bytes);
      const content = { etag: etagOf(bytes), sizeBytes: bytes.length };
      return this.#store(key, content, condition, moveFrom(incoming));
    } finally {
      await rm(incoming, { force: true });
    }
  }

  async putFile(key: string, path: string, condition?: PutCondition): Promise<PutOutcome> {
    checkKey(key);
    const stats = await statRegularFile(path);
    if (canBeRenamed(stats, this.#root)) {
      await syncFile(path);
      const content = { etag: await etagOfFile(path, stats.size), sizeBytes: stats.size };
      return this.#store(key, content, condition, moveFrom(path));
    }
    const incoming = incomingPath(this.#incoming);
    try {
      await copyWhole(path, incoming);
      const sizeBytes = statSync(incoming).size;
      const content = { etag: await etagOfFile(incoming, sizeBytes), sizeBytes };
      const outcome = this.#store(key, content, condition, moveFrom(incoming));
      if (outcome.kind === "stored") await rm(path, { force: true });
      return outcome;
    } finally {
      await rm(incoming, { force: true });
    }
  }

  async locate(key: string, options: { readonly versionId?: string } = {}): Promise<string> {
    return toVersionPath(this.#root, this.#getObject(key, options.versionId));
  }

  async isIntact(key: string): Promise<boolean> {
    const object = this.#getCurrent(key);
    return hasBytesOf(object.etag, toVersionPath(this.#root, object));
  }

  async copy(from: string, to: string, condition?: PutCondition): Promise<PutOutcome> {
    checkKey(to);
    const source = this.#getCurrent(from);
    const sourcePath = toVersionPath(this.#root, source);
    const content = { etag: source.etag, sizeBytes: source.sizeBytes };
    try {
      // Versions are never written in place, so two of them may share one file's bytes.
      return this.#store(to, content, condition, {
        place: (path) => linkSync(sourcePath, path),
        undo: (path) => rmSync(path, { force: true }),
      });
    } catch (error) {
      if (!isErrorCode(error, "EMLINK", "ENOTSUP", "EPERM", "EXDEV")) throw this.#asMissing(error, from);
    }
    const incoming = incomingPath(this.#incoming);
    try {
      await copyWhole(sourcePath, incoming).catch((error: unknown) => {
        throw this.#asMissing(error, from);
      });
      return this.#store(to, content, condition, moveFrom(incoming));
    } finally {
      await rm(incoming, { force: true });
    }
  }

  async find(key: string): Promise<StoredObject | undefined> {
    checkKey(key);
    return this.#index.findCurrent(key);
  }

  async get(key: string, options: { readonly versionId?: string } = {}): Promise<Uint8Array> {
    const { versionId } = options;
    const object = this.#getObject(key, versionId);
    try {
      const bytes = await readFile(toVersionPath(this.#root, object));
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    } catch (error) {
      // Removed between the look into the index and the reading.
      if (isErrorCode(error, "ENOENT") && this.#index.findVersion(object) === undefined)
        throw missing(key, versionId);
      throw error;
    }
  }

  async list(prefix: string): Promise<readonly StoredObject[]> {
    return this.#index.listCurrent(prefix);
  }

  async listVersions(prefix: string): Promise<readonly ObjectVersion[]> {
    return this.#index.listVersions(prefix);
  }

  async remove(key: string): Promise<void> {
    checkKey(key);
    this.#index.write(() =>
      this.#insert({ key, versionId: newVersionId() }, { etag: "", sizeBytes: 0 }, true),
    );
  }

  async removeVersions(versions: readonly VersionName[]): Promise<void> {
    for (const { key } of versions) checkKey(key);
    const known = versions.filter((version) => this.#index.has(version));
    if (known.length === 0) return;
    this.#index.write(() => this.#index.markRemoving(known));
    finishRemoval(this.#root, this.#index, known);
  }

  close(): void {
    this.#index.close();
  }

  #store(key: string, content: Content, condition: PutCondition | undefined, move: Move): PutOutcome {
    const object = { key, versionId: newVersionId(), ...content };
    const path = toVersionPath(this.#root, object);
    let isPlaced = false;
    try {
      return this.#index.write(() => {
        if (!holds(condition, this.#index.findCurrent(key))) return { kind: "conflict" };
        this.#insert(object, content, false);
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        move.place(path);
        isPlaced = true;
        return { kind: "stored", object };
      });
    } catch (error) {
      if (isPlaced) move.undo(path);
      throw error;
    }
  }

  #insert(name: VersionName, { etag, sizeBytes }: Content, isDeleteMarker: boolean): void {
    const { key, versionId } = name;
    const modifiedAtMs = toEpochMs(Math.floor(this.#timer.nowMs()));
    this.#index.insert({ key, versionId, etag, sizeBytes, isDeleteMarker, modifiedAtMs });
  }

  #getObject(key: string, versionId: string | undefined): StoredObject {
    return versionId === undefined ? this.#getCurrent(key) : this.#getVersion({ key, versionId });
  }

  #getCurrent(key: string): StoredObject {
    checkKey(key);
    const object = this.#index.findCurrent(key);
    if (object === undefined) throw missing(key);
    return object;
  }

  #getVersion(name: VersionName): StoredObject {
    checkKey(name.key);
    const object = this.#index.findVersion(name);
    if (object === undefined) throw missing(name.key, name.versionId);
    return object;
  }

  #asMissing(error: unknown, key: string): unknown {
    return isErrorCode(error, "ENOENT") && this.#index.findCurrent(key) === undefined ? missing(key) : error;
  }
}

function newVersionId(): string {
  return randomBytes(VERSION_ID_BYTES).toString("hex");
}

function moveFrom(source: string): Move {
  return {
    place: (path) => renameSync(source, path),
    undo: (path) => renameSync(path, source),
  };
}

function holds(condition: PutCondition | undefined, current: StoredObject | undefined): boolean {
  if (condition === undefined) return true;
  return condition === "absent" ? current === undefined : current?.etag === condition.etag;
}

async function statRegularFile(path: string): Promise<Stats> {
  const stats = await lstat(path).catch((error: unknown) => {
    if (isErrorCode(error, "ENOENT"))
      throw new NotFoundError(`there is no file at ${path} to put`, { cause: error });
    throw error;
  });
  if (!stats.isFile()) throw new InvalidInputError(`${path} must be a regular file to be put`);
  return stats;
}

/** Another name of the same file would be a way to change the bytes of a version. */
function canBeRenamed(stats: Stats, root: string): boolean {
  return stats.nlink === 1 && stats.dev === statSync(root).dev;
}

function missing(key: string, versionId?: string): NotFoundError {
  return new NotFoundError(
    `there is no object "${key}"${versionId === undefined ? "" : ` of version ${versionId}`}`,
  );
}
