// Decides how bytes wait until they are whole: in a folder of their own, under a name that says whose they are.
// Leaves their way into the store to folder-object-store.ts.

import { createHash, randomBytes } from "node:crypto";
import { constants, createReadStream, readdirSync, rmSync } from "node:fs";
import { copyFile, open } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { crc32 } from "node:zlib";
import { isErrorCode } from "../error-code.ts";

/** Tells this process from an earlier one that had the same id, as the first process of every container has. */
const STARTED_AT_MS = Math.floor(performance.timeOrigin);
const UNIQUE_BYTES = 12;
const PARTS_ETAG = /^[0-9a-f]{24}([0-9a-f]{8})-\d+$/;
const READ_BYTES = 1_048_576;
/** What the AWS clients put in one part by default. */
const PART_BYTES = 8 * 1024 * 1024;

export function incomingPath(folder: string): string {
  return join(folder, `${process.pid}-${STARTED_AT_MS}-${randomBytes(8).toString("hex")}`);
}

/** Writes the bytes to a new file; they are on the disk once it returns. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, "wx", 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Copies a file to a new one, sharing its blocks where the file system can. */
export async function copyWhole(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await syncFile(to);
}

export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The entity tag S3 gives to an object put in one part: the MD5 of its bytes, in hex. */
export function etagOf(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}

/** As S3 does, larger files count as put in parts, and the tag of those is no MD5 of the bytes: here it is unique, and
 * ends in their CRC-32, which costs a sixth of an MD5. */
export async function etagOfFile(path: string, sizeBytes: number): Promise<string> {
  if (sizeBytes <= PART_BYTES) return md5OfFile(path);
  const unique = randomBytes(UNIQUE_BYTES).toString("hex");
  return `${unique}${await crcOfFile(path)}-${Math.ceil(sizeBytes / PART_BYTES)}`;
}

/** Whether the file has the bytes that its tag was given for. A missing one has not. */
export async function hasBytesOf(etag: string, path: string): Promise<boolean> {
  try {
    const [, crc] = PARTS_ETAG.exec(etag) ?? [];
    return crc === undefined ? (await md5OfFile(path)) === etag : (await crcOfFile(path)) === crc;
  } catch (error) {
    if (isErrorCode(error, "ENOENT")) return false;
    throw error;
  }
}

async function md5OfFile(path: string): Promise<string> {
  const hash = createHash("md5");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

async function crcOfFile(path: string): Promise<string> {
  let crc = 0;
  for await (const bytes of createReadStream(path, { highWaterMark: READ_BYTES }))
    crc = crc32(bytes as Buffer, crc);
  return crc.toString(16).padStart(8, "0");
}

/** Removes what processes left behind that live no more. */
export function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) {
    const [pid = "", startedAtMs = ""] = name.split("-");
    if (!isWriterAlive(Number(pid), Number(startedAtMs))) rmSync(join(folder, name), { force: true });
  }
}

function isWriterAlive(pid: number, startedAtMs: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  if (pid === process.pid) return startedAtMs === STARTED_AT_MS;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return isErrorCode(error, "EPERM");
  }
}
