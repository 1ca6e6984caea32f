// Decides: that offline files get into an S3 endpoint whole, under the URI that DescribeFeatureGroup says, and wait while it refuses.
// Leaves to others: what is in a file (offline-flush.test.ts).

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DescribeFeatureGroupCommand } from "@aws-sdk/client-sagemaker";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type MiniStack, startMiniStack } from "../../support/ministack.ts";
import { runPython } from "../../support/python.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";
import { killHard, type RunningCommand, runCommand, startCommand } from "./process.ts";
import { admin, connect, createOrders, putOrder, ROLE_ARN, type Setup } from "./setup.ts";

const BUCKET = "emulator-offline-files";
const BUILD_MS = 300_000;

describe("The offline store in an S3 endpoint", () => {
  let ministack: MiniStack;
  let folder: string;
  let running: RunningCommand | undefined;
  beforeAll(async () => {
    ministack = await startMiniStack();
    folder = makeTemporaryFolder();
  }, BUILD_MS);
  afterEach(async () => {
    if (running !== undefined) await killHard(running);
    running = undefined;
  });
  afterAll(async () => {
    await ministack.stop();
    removeFolder(folder);
  });

  /** Runs lines of Python with a client of S3, and gives what they print. */
  async function s3(...lines: readonly string[]): Promise<string> {
    const script = join(folder, "s3.py");
    writeFileSync(script, ["import boto3", 's3 = boto3.client("s3")', ...lines].join("\n"));
    const env = {
      AWS_ENDPOINT_URL: ministack.url,
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "any",
      AWS_SECRET_ACCESS_KEY: "any",
    };
    const { code, stdout, stderr } = await runPython("sagemaker-2", script, env);
    if (code !== 0) throw new Error(stderr);
    return stdout.trim();
  }

  it(
    "takes each file by its URI once its bucket is there; until then the rows wait",
    async () => {
      running = await startCommand(join(folder, "state"), [
        ...["--offline-endpoint", ministack.url, "--offline-delay", "60000"],
      ]);
      const setup: Pick<Setup, "url" | "runtime" | "control"> = { url: running.url, ...connect(running.url) };
      await createOrders(setup, {
        OfflineStoreConfig: { S3StorageConfig: { S3Uri: `s3://${BUCKET}/a prefix (1)` } },
        RoleArn: ROLE_ARN,
      });
      await putOrder(setup, { count: "3" });
      const flush = () => admin(setup, "POST", "offline-buffer/flush");

      expect(await flush()).toMatchObject({ Message: "An internal failure occurred." });
      expect(await admin(setup, "GET", "offline-buffer")).toMatchObject({ rows: 1 });

      await s3(`s3.create_bucket(Bucket="${BUCKET}")`);
      expect(await flush()).toMatchObject({ rows: 0 });

      const described = await setup.control.send(
        new DescribeFeatureGroupCommand({ FeatureGroupName: "orders" }),
      );
      const place = described.OfflineStoreConfig?.S3StorageConfig?.ResolvedOutputS3Uri ?? "";
      const keys = await s3(
        `keys = [one["Key"] for one in s3.list_objects_v2(Bucket="${BUCKET}")["Contents"]]`,
        `s3.download_file("${BUCKET}", keys[0], "${join(folder, "file.parquet")}")`,
        'print("\\n".join(keys))',
      );
      const prefix = place.replace(`s3://${BUCKET}/`, "");
      expect(keys.split("\n")).toHaveLength(1);
      expect(keys).toMatch(
        /^a prefix \(1\)\/.*\/year=2024\/month=05\/day=01\/hour=10\/20240501T100000Z_\w{16}\.parquet$/,
      );
      expect(keys.startsWith(prefix)).toBe(true);
      const connection = await (await DuckDBInstance.create()).connect();
      const rows = await connection.runAndReadAll(
        `SELECT customer_id, count FROM read_parquet('${join(folder, "file.parquet")}')`,
      );
      connection.closeSync();
      expect(rows.getRowsJson()).toEqual([["c-1", "3"]]);
    },
    BUILD_MS,
  );

  it("must be named by a URL", async () => {
    const { code, stderr } = await runCommand(["--offline-endpoint", "somewhere", "--state", ":memory:"]);

    expect(code).toBe(1);
    expect(stderr).toBe("steward-feature-store: --offline-endpoint must be an http or https URL\n");
  });
});
