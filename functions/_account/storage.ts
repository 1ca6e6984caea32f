// Opens what holds data and messages: objects, ledger, queue, streams, incoming files.

import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SystemTimer } from "@steward/adapters";
import {
  createDynamoDbClient,
  createKinesisClient,
  createS3Client,
  createSqsClient,
  DynamoDbLedger,
  KinesisStreams,
  S3Incoming,
  S3ObjectStore,
  SqsQueue,
} from "@steward/adapters/aws";
import { variable } from "./environment.ts";
import { once } from "./once.ts";

/** A function's own disk. */
export function scratchFolder(name: string): string {
  const folder = join(tmpdir(), "steward", name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

export const openObjects = once(
  async () =>
    new S3ObjectStore({
      client: createS3Client(),
      bucket: variable("DATA_BUCKET"),
      buckets: {
        "audit/": variable("EVIDENCE_BUCKET"),
        "evidence/": variable("EVIDENCE_BUCKET"),
        "staging/": variable("STAGING_BUCKET"),
      },
      scratch: scratchFolder("objects"),
    }),
);

export const openIncoming = once(
  async () =>
    new S3Incoming({
      client: createS3Client(),
      bucket: variable("INCOMING_BUCKET"),
      scratch: scratchFolder("incoming"),
      timer: new SystemTimer(),
    }),
);

export const openLedger = once(
  async () => new DynamoDbLedger({ client: createDynamoDbClient(), tableName: variable("LEDGER_TABLE") }),
);

export const openChunkQueue = once(
  async () =>
    new SqsQueue({
      client: createSqsClient(),
      queueUrl: variable("CHUNK_QUEUE_URL"),
      deadLetterUrl: variable("CHUNK_DEAD_LETTERS_URL"),
      timer: new SystemTimer(),
    }),
);

export const openStreams = once(async () => {
  const prefix = variable("STREAM_PREFIX");
  return new KinesisStreams({
    client: createKinesisClient(),
    streamName: (source) => prefix + source,
    timer: new SystemTimer(),
  });
});
