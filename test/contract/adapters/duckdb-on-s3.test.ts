// The engines that read and write files through the port of the object store, on S3 (MiniStack): the rules of their own
// ports hold there unchanged, and input files come from the incoming bucket.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { DuckDbBatchEngine, DuckDbOfflineFiles, HmacPseudonymiser } from "@steward/adapters";
import { createS3Client, S3Incoming, S3ObjectStore } from "@steward/adapters/aws";
import { afterAll, beforeAll } from "vitest";
import { awsOptions, createBucket } from "../../support/aws-resources.ts";
import { type MiniStack, startMiniStack } from "../../support/ministack.ts";
import { describeBatchEngine } from "../ports/batch-engine.ts";
import { describeErasureFiles } from "../ports/erasure-files.ts";
import { describeOfflineFiles } from "../ports/offline-files.ts";
import { FakeTimer } from "../support/fake-timer.ts";
import { writeOfflineParquet } from "../support/offline-parquet.ts";
import { openErasureFiles } from "../support/parquet-files.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";

let ministack: MiniStack;
beforeAll(async () => {
  ministack = await startMiniStack();
}, 300_000);
afterAll(() => ministack.stop());

const openObjects = async (folder: string) => {
  const bucket = await createBucket(ministack.url, "objects");
  const client = createS3Client(awsOptions(ministack.url));
  const objects = new S3ObjectStore({ client, bucket, prefix: "steward/", scratch: join(folder, "located") });
  return Object.assign(objects, { client });
};

describeBatchEngine("DuckDbBatchEngine on S3ObjectStore and S3Incoming", async () => {
  const folder = makeTemporaryFolder();
  const scratch = join(folder, "scratch");
  const objects = await openObjects(folder);
  const { client } = objects;
  const bucket = await createBucket(ministack.url, "incoming");
  const inputs = new S3Incoming({ client, bucket, scratch, timer: new FakeTimer() });
  const pseudonymiser = new HmacPseudonymiser(new Uint8Array(32).fill(7));
  return {
    engine: new DuckDbBatchEngine({ objects, pseudonymiser, scratch, inputs }),
    objects,
    reader: new DuckDbOfflineFiles({ objects, scratch }),
    pseudonymiser,
    folder,
    handIn: async (name, content) => {
      const Key = `readings/${name}`;
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: Buffer.from(content) }));
      return `s3://${bucket}/${Key}`;
    },
    close: async () => {
      client.destroy();
      removeFolder(folder);
    },
  };
});

describeOfflineFiles("DuckDbOfflineFiles on S3ObjectStore", async () => {
  const folder = makeTemporaryFolder();
  const scratch = join(folder, "scratch");
  mkdirSync(scratch);
  const objects = await openObjects(folder);
  return {
    files: new DuckDbOfflineFiles({ objects, scratch }),
    write: async (group, key, rows, without = []) => {
      await objects.putFile(key, await writeOfflineParquet(folder, group, rows, without));
    },
    close: async () => {
      objects.client.destroy();
      removeFolder(folder);
    },
  };
});

describeErasureFiles("ParquetErasureFiles on S3ObjectStore", () => openErasureFiles({ openObjects }));
