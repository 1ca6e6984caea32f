// Decides where a secret key lies on a laptop: one file a purpose, readable by its owner alone, created once.
// Leaves what the key is for to its users.

import { randomBytes } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { InvalidInputError } from "@steward/core";
import { isErrorCode } from "../error-code.ts";

const KEY_BYTES = 32;
const OTHERS_MASK = 0o077;

/**
 * The 32 bytes of `<folder>/<purpose>.key`; the file is created with mode 0600 when there is none. Of several processes
 * that create it at once one wins, and all read the winner's key.
 * @throws InvalidInputError when the file is of another length, or others than its owner may read it.
 */
export function ensureKeyFile(options: { readonly folder: string; readonly purpose: string }): Uint8Array {
  const { folder, purpose } = options;
  if (!/^[a-z0-9-]{1,64}$/.test(purpose)) {
    throw new InvalidInputError(`the purpose of a key must be 1 to 64 of a-z, 0-9 and "-", not "${purpose}"`);
  }
  const file = join(folder, `${purpose}.key`);
  if (statSync(file, { throwIfNoEntry: false }) === undefined) createKeyFile(folder, file);
  return readKeyFile(file);
}

function createKeyFile(folder: string, file: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}-${randomBytes(6).toString("hex")}`;
  try {
    const handle = openSync(draft, "wx", 0o600);
    try {
      writeSync(handle, randomBytes(KEY_BYTES));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    // A link, not a rename: it fails where a key stands already, and so it never replaces one.
    linkSync(draft, file);
  } catch (error) {
    if (!isErrorCode(error, "EEXIST")) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readKeyFile(file: string): Uint8Array {
  if (process.platform !== "win32" && (statSync(file).mode & OTHERS_MASK) !== 0) {
    throw new InvalidInputError(`${file} may be read by others than its owner: run chmod 600 on it`);
  }
  const key = readFileSync(file);
  if (key.length !== KEY_BYTES) {
    throw new InvalidInputError(
      `${file} must hold a key of ${KEY_BYTES} bytes, not ${key.length}: restore it from a backup, never replace it`,
    );
  }
  return new Uint8Array(key);
}
