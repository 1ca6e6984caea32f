// Decides where a secret key lies on a laptop: one file a purpose, readable by its owner alone, created once.
// Leaves what the key is for to its users.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
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
  const file = toFile(options, "key");
  ensureFile(file, () => randomBytes(KEY_BYTES));
  const key = readOwnFile(file);
  if (key.length !== KEY_BYTES) {
    throw new InvalidInputError(
      `${file} must hold a key of ${KEY_BYTES} bytes, not ${key.length}: restore it from a backup, never replace it`,
    );
  }
  return new Uint8Array(key);
}

/**
 * The private key of `<folder>/<purpose>.pem` (PKCS #8, the curve P-256), created as `ensureKeyFile` creates one.
 * @throws InvalidInputError when others than its owner may read it.
 */
export function ensureSigningKeyFile(options: { readonly folder: string; readonly purpose: string }): string {
  const file = toFile(options, "pem");
  ensureFile(file, () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    return Buffer.from(privateKey.export({ type: "pkcs8", format: "pem" }));
  });
  return readOwnFile(file).toString("utf8");
}

/** Writes a public key where anyone may read it, unless the same is there. */
export function publishKey(file: string, publicKeyPem: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() && readFileSync(file, "utf8") === publicKeyPem)
    return;
  const draft = toDraft(file);
  writeFileSync(draft, publicKeyPem, { mode: 0o644 });
  renameSync(draft, file);
}

function toFile({ folder, purpose }: { folder: string; purpose: string }, extension: string): string {
  if (!/^[a-z0-9-]{1,64}$/.test(purpose)) {
    throw new InvalidInputError(`the purpose of a key must be 1 to 64 of a-z, 0-9 and "-", not "${purpose}"`);
  }
  return join(folder, `${purpose}.${extension}`);
}

const toDraft = (file: string): string => `${file}.${process.pid}-${randomBytes(6).toString("hex")}`;

function ensureFile(file: string, makeKey: () => Uint8Array): void {
  if (statSync(file, { throwIfNoEntry: false }) !== undefined) return;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = toDraft(file);
  try {
    const handle = openSync(draft, "wx", 0o600);
    try {
      writeSync(handle, makeKey());
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

function readOwnFile(file: string): Buffer {
  if (process.platform !== "win32" && (statSync(file).mode & OTHERS_MASK) !== 0) {
    throw new InvalidInputError(`${file} may be read by others than its owner: run chmod 600 on it`);
  }
  return readFileSync(file);
}
