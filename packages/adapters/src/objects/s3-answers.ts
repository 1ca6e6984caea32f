// Decides how S3's answers read in the words of the port.

import type { StoredObject } from "@steward/core";
import { describeFailure, toCallError } from "../aws/call-failure.ts";

/** A marker has no bytes: S3 answers a read of it by its id with 405. */
const MISSING = new Set(["NoSuchKey", "NoSuchVersion", "NotFound", "NoSuchUpload", "MethodNotAllowed"]);

/** Whether S3 says that the object, or that version of it, is not there; an id that is none of S3's is a 400. */
export function isMissing(error: unknown, versionId?: string): boolean {
  const { name, status } = describeFailure(error);
  if (name === "NoSuchBucket") return false;
  if (MISSING.has(name) || status === 404) return true;
  return versionId !== undefined && status === 400;
}

export function toStored(
  key: string,
  versionId: string,
  etag: string | undefined,
  sizeBytes: number,
): StoredObject {
  return { key, versionId, etag: unquoted(etag), sizeBytes };
}

export function unquoted(etag = ""): string {
  return etag.replaceAll('"', "");
}

export function failS3(what: string): (error: unknown) => never {
  const notFound = new Set(["NoSuchBucket", "NoSuchKey", "NoSuchVersion"]);
  return (error) => {
    throw toCallError(what, error, { notFound });
  };
}
