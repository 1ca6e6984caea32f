// Decides which files of a folder are whole: those that nobody has touched for a moment, under a name that is no
// beginning. One that is written in its place and then moved to its name is whole at once, but for that moment.

import { type Dirent, type Stats, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Incoming, IncomingFile, Timer } from "@steward/core";
import { isErrorCode } from "../error-code.ts";

export interface FolderIncomingOptions {
  /** Holds a folder a source. */
  readonly root: string;
  /** What the file system dates changes by. */
  readonly timer: Timer;
  /** A file is whole when it was not changed for so long. Default: 2,000. */
  readonly settleMs?: number;
}

/** A writer that pauses longer is cut short by the check of the last line, or replaced by its whole file later. */
const DEFAULT_SETTLE_MS = 2_000;
const SUFFIX = ".csv";
/** What begins with it is a beginning: so do rsync and many others name what they still write. */
const HIDDEN = ".";

export class FolderIncoming implements Incoming {
  readonly #root: string;
  readonly #timer: Timer;
  readonly #settleMs: number;

  constructor({ root, timer, settleMs }: FolderIncomingOptions) {
    this.#root = root;
    this.#timer = timer;
    this.#settleMs = settleMs ?? DEFAULT_SETTLE_MS;
  }

  /** Files named `*.csv` alone; folders in the folder are not looked into. */
  async list(source: string): Promise<readonly IncomingFile[]> {
    const folder = join(this.#root, source);
    const entries = await entriesOf(folder);
    return entries
      .flatMap((entry) => this.#toFile(join(folder, entry.name), entry))
      .sort((left, right) => left.modifiedAtMs - right.modifiedAtMs || (left.name < right.name ? -1 : 1));
  }

  #toFile(name: string, entry: Dirent): readonly IncomingFile[] {
    if (!entry.name.endsWith(SUFFIX) || entry.name.startsWith(HIDDEN)) return [];
    const found = statOf(name);
    if (found === undefined || !found.isFile() || found.size === 0 || !this.#isSettled(found)) return [];
    // The time of change: a copy that keeps the date of its original is a change all the same.
    return [{ name, sizeBytes: found.size, modifiedAtMs: Math.floor(found.ctimeMs) }];
  }

  /** A time of change far ahead is of a clock that was put back since: nobody writes then. */
  #isSettled({ ctimeMs }: Stats): boolean {
    return Math.abs(this.#timer.nowMs() - ctimeMs) >= this.#settleMs;
  }
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isErrorCode(error, "ENOENT")) return [];
    throw error;
  }
}

/** Undefined: it went while the folder was read. */
function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}
