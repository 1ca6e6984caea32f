// Decides how bytes get into S3 in parts, from a file or another object: stored by the last call alone, or not at all.

import { open } from "node:fs/promises";
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { UnavailableError } from "@steward/core";

interface UploadInput {
  readonly Bucket: string;
  readonly Key: string;
  readonly Metadata: Record<string, string>;
  readonly IfNoneMatch?: string;
  readonly IfMatch?: string;
}

/** Held in memory, so that the client can send a part again; S3 takes 5 MiB to 5 GiB, and 10,000 parts:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html, read 2026-11-25. */
export const PART_BYTES = 16 * 1024 ** 2;
const MAX_PARTS = 10_000;
const PARTS_IN_FLIGHT = 4;

/** What one call copies is 5 GiB at most: so much a part. */
export const COPY_PART_BYTES = 1024 ** 3;

type Upload = { readonly Bucket: string; readonly Key: string; readonly UploadId: string };

export async function uploadByParts(client: S3Client, input: UploadInput, path: string, sizeBytes: number) {
  return byParts(client, input, (upload) => sendParts(client, upload, path, sizeBytes));
}

/** Of an object of this size; `CopySource` names its version too. */
export async function copyByParts(
  client: S3Client,
  input: UploadInput,
  CopySource: string,
  sizeBytes: number,
) {
  return byParts(client, input, async (upload) => {
    const parts: CompletedPart[] = [];
    for (let from = 0; from === 0 || from < sizeBytes; from += COPY_PART_BYTES) {
      const PartNumber = parts.length + 1;
      const range = `bytes=${from}-${Math.min(from + COPY_PART_BYTES, sizeBytes) - 1}`;
      const CopySourceRange = sizeBytes <= COPY_PART_BYTES ? {} : { CopySourceRange: range };
      const command = new UploadPartCopyCommand({ ...upload, PartNumber, CopySource, ...CopySourceRange });
      parts.push({ PartNumber, ETag: (await client.send(command)).CopyPartResult?.ETag });
    }
    return parts;
  });
}

/** A failure leaves no parts behind, unless the process dies: those the bucket's lifecycle aborts. */
async function byParts(
  client: S3Client,
  { Bucket, Key, Metadata, ...condition }: UploadInput,
  send: (upload: Upload) => Promise<CompletedPart[]>,
) {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, Metadata }));
  if (UploadId === undefined) throw new UnavailableError("S3 gave no id for an upload");
  const upload = { Bucket, Key, UploadId };
  try {
    const Parts = await send(upload);
    return await client.send(
      new CompleteMultipartUploadCommand({ ...upload, ...condition, MultipartUpload: { Parts } }),
    );
  } catch (error) {
    // What it was aborted for is what counts.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}

async function sendParts(
  client: S3Client,
  upload: Upload,
  path: string,
  sizeBytes: number,
): Promise<CompletedPart[]> {
  const partBytes = Math.max(PART_BYTES, Math.ceil(sizeBytes / MAX_PARTS));
  const parts: CompletedPart[] = Array.from({ length: Math.ceil(sizeBytes / partBytes) });
  const numbers = parts.keys();
  const file = await open(path, "r");
  const lane = async (): Promise<void> => {
    for (const index of numbers) {
      const Body = Buffer.alloc(Math.min(partBytes, sizeBytes - index * partBytes));
      await file.read(Body, 0, Body.length, index * partBytes);
      const PartNumber = index + 1;
      const { ETag } = await client.send(new UploadPartCommand({ ...upload, PartNumber, Body }));
      parts[index] = { PartNumber, ETag };
    }
  };
  try {
    const lanes = await Promise.allSettled(Array.from({ length: PARTS_IN_FLIGHT }, lane));
    for (const each of lanes) if (each.status === "rejected") throw each.reason;
  } finally {
    await file.close();
  }
  return parts;
}
