// Decides how the versions of a bucket are listed: to the last page, in the order of the port.

import { ListObjectVersionsCommand, type S3Client } from "@aws-sdk/client-s3";
import { type ObjectVersion, toEpochMs } from "@steward/core";
import { failS3, unquoted } from "./s3-answers.ts";

type Listed = ObjectVersion & { readonly etag: string };

/** Keys without the store's prefix, ascending by their bytes, newest first within a key. S3 lists versions and markers apart. */
export async function listAllVersions(
  client: S3Client,
  bucket: string,
  storePrefix: string,
  prefix: string,
): Promise<readonly Listed[]> {
  const found: Listed[] = [];
  let from: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
  while (from !== undefined) {
    const command: ListObjectVersionsCommand = new ListObjectVersionsCommand({
      Bucket: bucket,
      Prefix: storePrefix + prefix,
      ...from,
    });
    const page = await client.send(command).catch(failS3("a bucket could not be listed"));
    for (const each of page.Versions ?? [])
      found.push(toListed(each, storePrefix, false, each.Size ?? 0, unquoted(each.ETag)));
    for (const each of page.DeleteMarkers ?? []) found.push(toListed(each, storePrefix, true, 0, ""));
    from = page.IsTruncated
      ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
      : undefined;
  }
  // The sort is stable: what S3 gave in order, newest first, stays so among equals.
  return found.sort(
    (left, right) =>
      Buffer.compare(Buffer.from(left.key), Buffer.from(right.key)) ||
      Number(right.isLatest) - Number(left.isLatest) ||
      right.modifiedAtMs - left.modifiedAtMs,
  );
}

function toListed(
  each: {
    readonly Key?: string | undefined;
    readonly VersionId?: string | undefined;
    readonly IsLatest?: boolean | undefined;
    readonly LastModified?: Date | undefined;
  },
  storePrefix: string,
  isDeleteMarker: boolean,
  sizeBytes: number,
  etag: string,
): Listed {
  return {
    key: (each.Key ?? "").slice(storePrefix.length),
    versionId: each.VersionId ?? "null",
    isLatest: each.IsLatest ?? false,
    isDeleteMarker,
    sizeBytes,
    modifiedAtMs: toEpochMs(each.LastModified?.getTime() ?? 0),
    etag,
  };
}
