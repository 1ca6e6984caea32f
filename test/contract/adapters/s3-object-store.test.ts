// The object store on S3, against MiniStack.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createS3Client, S3ObjectStore } from "@steward/adapters/aws";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { awsOptions, createBucket } from "../../support/aws-resources.ts";
import { type MiniStack, startMiniStack } from "../../support/ministack.ts";
import { describeObjectStore } from "../ports/object-store.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";

let ministack: MiniStack;
beforeAll(async () => {
  ministack = await startMiniStack();
}, 300_000);
afterAll(() => ministack.stop());

describeObjectStore("S3ObjectStore", async () => {
  const bucket = await createBucket(ministack.url, "objects");
  const client = createS3Client(awsOptions(ministack.url));
  const folder = makeTemporaryFolder();
  const scratch = join(folder, "staged");
  mkdirSync(scratch);
  return {
    scratch,
    open: async () =>
      new S3ObjectStore({ client, bucket, prefix: "steward/", scratch: join(folder, "located") }),
    close: async () => {
      client.destroy();
      removeFolder(folder);
    },
  };
});

describe("S3ObjectStore", () => {
  let store: S3ObjectStore;
  let folder: string;
  let client: ReturnType<typeof createS3Client>;
  let bucket: string;

  beforeEach(async () => {
    bucket = await createBucket(ministack.url, "objects");
    client = createS3Client(awsOptions(ministack.url));
    folder = makeTemporaryFolder();
    store = new S3ObjectStore({ client, bucket, scratch: join(folder, "located"), scratchBytes: 10 });
  });

  afterEach(() => {
    client.destroy();
    removeFolder(folder);
  });

  /** The client loses the answer of the first call of that name, and tries it again. */
  function loseFirstAnswer(commandName: string): { readonly tries: () => number } {
    let tries = 0;
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const output = await next(args);
        if (context.commandName !== commandName) return output;
        tries += 1;
        if (tries === 1) throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
        return output;
      },
      { step: "deserialize", priority: "low" },
    );
    return { tries: () => tries };
  }

  const bytes = (text: string) => new TextEncoder().encode(text);

  it.each(["absent", "its tag"])(
    "says `stored` when the put under %s was applied and its answer lost",
    async (of) => {
      const first = await store.put("a", bytes("hello"));
      const etag = first.kind === "stored" ? first.object.etag : "";
      const lost = loseFirstAnswer("PutObjectCommand");

      const outcome =
        of === "absent"
          ? await store.put("b", bytes("world"), "absent")
          : await store.put("a", bytes("world"), { etag });

      expect([outcome.kind, lost.tries()]).toEqual(["stored", 2]);
      expect(await store.list(of === "absent" ? "b" : "a")).toEqual([
        outcome.kind === "stored" ? outcome.object : undefined,
      ]);
    },
  );

  it("puts and copies a file of several parts whole, and keeps the condition of the last call", async () => {
    const path = join(folder, "large");
    const large = Buffer.alloc(40 * 1024 * 1024, 7);
    writeFileSync(path, large);

    const outcome = await store.putFile("large", path, "absent");
    writeFileSync(path, large);
    const again = await store.putFile("large", path, "absent");

    const copied = await store.copy("large", "copy", "absent");

    expect([outcome.kind, again.kind, existsSync(path)]).toEqual(["stored", "conflict", true]);
    expect(copied.kind).toBe("stored");
    expect(Buffer.compare(await store.get("copy"), large)).toBe(0);
    expect(Buffer.compare(await store.get("large"), large)).toBe(0);
    expect(await store.listVersions("large")).toHaveLength(1);
  });

  it("downloads one version once for two who ask at once, and drops the copy with the version", async () => {
    const stored = await store.put("a.txt", bytes("hello"));
    let reads = 0;
    client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName === "GetObjectCommand") reads += 1;
        return next(args);
      },
      { step: "initialize" },
    );

    const [one, other] = await Promise.all([store.locate("a.txt"), store.locate("a.txt")]);
    const text = readFileSync(one, "utf8");
    await store.removeVersions(stored.kind === "stored" ? [stored.object] : []);

    expect([one === other, text, reads, existsSync(one)]).toEqual([true, "hello", 1, false]);
  });

  it("keeps keys of a prefix in a bucket of their own, and copies and removes across", async () => {
    const locked = await createBucket(ministack.url, "locked");
    const scratch = join(folder, "across");
    const across = new S3ObjectStore({ client, bucket, buckets: { "evidence/": locked }, scratch });
    const inLocked = new S3ObjectStore({ client, bucket: locked, scratch: join(folder, "inside") });
    await across.put("a", bytes("hello"));
    await across.copy("a", "evidence/a");

    expect(await store.list("")).toMatchObject([{ key: "a" }]);
    expect(await inLocked.list("")).toMatchObject([{ key: "evidence/a" }]);
    expect(await across.list("evidence/")).toMatchObject([{ key: "evidence/a" }]);

    await across.copy("evidence/a", "b");
    const versions = [...(await across.listVersions("")), ...(await across.listVersions("evidence/"))];
    await across.removeVersions(versions);

    expect(versions.map(({ key }) => key)).toEqual(["a", "b", "evidence/a"]);
    expect([...(await store.listVersions("")), ...(await inLocked.listVersions(""))]).toEqual([]);
  });

  it("keeps copies beyond the budget while they were handed out lately", async () => {
    await store.put("a", bytes("0123456789"));
    await store.put("b", bytes("0123456789"));

    const paths = [await store.locate("a"), await store.locate("b")];

    expect(paths.map((path) => existsSync(path))).toEqual([true, true]);
  });
});
