// Files handed in in a bucket, against MiniStack.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { createS3Client, S3Incoming } from "@steward/adapters/aws";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { awsOptions, createBucket } from "../../support/aws-resources.ts";
import { DrivenTimer } from "../../support/durable-stores.ts";
import { type MiniStack, startMiniStack } from "../../support/ministack.ts";
import { describeIncoming } from "../ports/incoming.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";

const LATER_MS = 3_600_000;
const PREFIX = "incoming/";

let ministack: MiniStack;
beforeAll(async () => {
  ministack = await startMiniStack();
}, 300_000);
afterAll(() => ministack.stop());

async function aBucket() {
  const client = createS3Client(awsOptions(ministack.url));
  const scratch = makeTemporaryFolder();
  onTestFinished(() => {
    client.destroy();
    removeFolder(scratch);
  });
  const bucket = await createBucket(ministack.url, "incoming");
  /** Looks at that time, or so long after the machine's now. */
  const lookAt = (nowMs: number) =>
    new S3Incoming({ client, bucket, prefix: PREFIX, scratch, timer: new DrivenTimer(nowMs) });
  const handIn = async (source: string, name: string, text: string) => {
    const Key = `${PREFIX}${source}/${name}`;
    await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: Buffer.from(text) }));
    return `s3://${bucket}/${Key}`;
  };
  return { client, bucket, scratch, lookAt, handIn, incoming: lookAt(Date.now() + LATER_MS) };
}

describeIncoming("S3Incoming", aBucket);

describe("S3Incoming", () => {
  it("does not list an object until S3's second is over, so that what replaces it has another time", async () => {
    const { handIn, incoming, lookAt } = await aBucket();
    const name = await handIn("orders", "a.csv", "id\n1\n");
    const changedMs = (await incoming.list("orders"))[0]?.modifiedAtMs ?? 0;

    expect(await lookAt(changedMs + 1_000).list("orders")).toEqual([]);
    expect(await lookAt(changedMs + 2_000).list("orders")).toEqual([
      { name, sizeBytes: 5, modifiedAtMs: changedMs },
    ]);
  });

  it("lists to the last page", async () => {
    const { client, handIn, incoming } = await aBucket();
    client.middlewareStack.add(
      (next, context) => (args) => {
        const small = context.commandName === "ListObjectsV2Command" ? { MaxKeys: 2 } : {};
        return next({ ...args, input: { ...args.input, ...small } });
      },
      { step: "initialize" },
    );
    const names: string[] = [];
    for (const name of ["a", "b", "c", "d", "e"])
      names.push(await handIn("orders", `${name}.csv`, "id\n1\n"));

    const listed = (await incoming.list("orders")).map(({ name }) => name);

    expect([...listed].sort()).toEqual(names);
  });

  it("gives a file as a copy of its own while it is used, and leaves nothing of it", async () => {
    const { handIn, incoming, scratch } = await aBucket();
    const name = await handIn("orders", "../a b.csv", "id\n1\n");

    const [path, text] = await incoming.use({ name }, async (path) => {
      await incoming.use({ name }, async () => "another use, from its begin to its end");
      return [path, readFileSync(path, "utf8")];
    });
    const failing = incoming.use({ name }, () => Promise.reject(new Error("of the engine")));

    await expect(failing).rejects.toThrow("of the engine");
    expect([text, dirname(dirname(path)), existsSync(path)]).toEqual(["id\n1\n", scratch, false]);
    expect(basename(path)).toMatch(/^[0-9a-f]{16}$/);
    expect(readdirSync(scratch)).toEqual([]);
  });

  it("refuses an inspected file that was replaced by other bytes, and takes the same bytes again", async () => {
    const { handIn, incoming } = await aBucket();
    const name = await handIn("orders", "a.csv", "id\n1\n");
    // printf 'id\n1\n' | sha256sum
    const contentId = "7cde7fb64fd82bd152710cf238e017b9ab46c0592483edc067ba4f6c75fac108";
    const file = { name, contentId, sizeBytes: 5 };
    await handIn("orders", "a.csv", "id\n1\n");
    const same = await incoming.use(file, async () => "used");
    await handIn("orders", "a.csv", "id\n2\n");

    const other = incoming.use(file, async () => "used");

    expect(same).toBe("used");
    await expect(other).rejects.toMatchObject({
      name: "InvalidInputError",
      message: expect.stringContaining("was replaced since it was inspected"),
    });
  });

  it("refuses a name of another bucket, of another folder, or of no object", async () => {
    const { bucket, handIn, incoming } = await aBucket();
    const name = await handIn("orders", "a.csv", "id\n1\n");
    const refusalOf = (other: string) =>
      incoming
        .use({ name: other }, async () => "used")
        .catch((error: Error) => `${error.name}: ${error.message}`);

    expect(await refusalOf(name.replace(bucket, "another"))).toMatch(
      /^InvalidInputError: .* does not lie under/,
    );
    expect(await refusalOf(`s3://${bucket}/evidence/a.csv`)).toMatch(
      /^InvalidInputError: .* does not lie under/,
    );
    expect(await refusalOf("/etc/passwd")).toMatch(/^InvalidInputError: .* does not lie under/);
    expect(await refusalOf(name.replace("a.csv", "b.csv"))).toMatch(/^InvalidInputError: .* does not exist/);
  });
});
