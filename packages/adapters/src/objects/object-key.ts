// Decides which keys a folder can hold, and which file the bytes of a version lie in.
// Leaves the index and the bytes themselves to folder-object-store.ts.

import { extname, join } from "node:path";
import { InvalidInputError } from "@steward/core";

export interface VersionName {
  readonly key: string;
  readonly versionId: string;
}

/** S3's own bound: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html, read 2026-11-24. */
const MAX_KEY_BYTES = 1_024;

/** What a file system takes as one name, less the version id and the dot before it. */
const VERSION_ID_LENGTH = 24;
const MAX_SEGMENT_BYTES = 255 - VERSION_ID_LENGTH - 1;

export const INCOMING_FOLDER = ".incoming";
export const INDEX_FILE = "index.sqlite";

/** Names at the root that are the store's own. */
const RESERVED = [INCOMING_FOLDER, INDEX_FILE, `${INDEX_FILE}-wal`, `${INDEX_FILE}-shm`];

const LAST_IS_VERSION = /^(.+)\.([0-9a-f]{24})$/s;
const VERSION_BEFORE_EXTENSION = /^(.+)\.([0-9a-f]{24})(\.[^.]*)$/s;

/** @throws InvalidInputError naming the rule that the key breaks. */
export function checkKey(key: string): void {
  const rule = brokenRule(key);
  if (rule !== undefined) throw new InvalidInputError(`object key "${key.slice(0, 200)}" ${rule}`);
}

/** `a/b.parquet` of version v lies in `<root>/a/b.v.parquet`: an engine still reads the format off the name. */
export function toVersionPath(root: string, { key, versionId }: VersionName): string {
  const slash = key.lastIndexOf("/") + 1;
  const name = key.slice(slash);
  const extension = extname(name);
  const stem = name.slice(0, name.length - extension.length);
  return join(root, key.slice(0, slash), `${stem}.${versionId}${extension}`);
}

/** The versions that a file at this path below the root may hold (two where the key itself ends like a version id). */
export function fromVersionPath(relativePath: string): readonly VersionName[] {
  const slash = relativePath.lastIndexOf("/") + 1;
  const folder = relativePath.slice(0, slash);
  const name = relativePath.slice(slash);
  const names: VersionName[] = [];
  for (const pattern of [LAST_IS_VERSION, VERSION_BEFORE_EXTENSION]) {
    const [, stem, versionId, extension = ""] = pattern.exec(name) ?? [];
    if (stem === undefined || versionId === undefined) continue;
    names.push({ key: `${folder}${stem}${extension}`, versionId });
  }
  return names;
}

function brokenRule(key: string): string | undefined {
  if (!key.isWellFormed() || key.includes("\0")) return "must be UTF-8 text without zero bytes";
  if (key === "" || Buffer.byteLength(key) > MAX_KEY_BYTES) return `must be 1 to ${MAX_KEY_BYTES} bytes long`;
  const segments = key.split("/");
  if (segments.includes("")) return 'may not begin or end with "/" or hold an empty segment';
  if (segments.some((segment) => segment === "." || segment === "..")) return 'may not hold "." or ".."';
  if (segments.some((segment) => Buffer.byteLength(segment) > MAX_SEGMENT_BYTES)) {
    return `may not hold a segment of more than ${MAX_SEGMENT_BYTES} bytes`;
  }
  if (RESERVED.includes(segments[0] ?? "")) return "begins with a name that the store keeps for itself";
  return undefined;
}
