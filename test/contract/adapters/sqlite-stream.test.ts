import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SqliteStream } from "@steward/adapters";
import { toEpochMs } from "@steward/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeStream, describeStreamRetention, type StreamHarness } from "../ports/stream.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";

const RETENTION_MS = 60_000;

async function makeHarness(): Promise<StreamHarness> {
  const folder = makeTemporaryFolder();
  const opened: SqliteStream[] = [];
  let nowMs = Date.UTC(1997, 0, 1);
  const clock = { now: () => toEpochMs(nowMs) };
  return {
    open: async () => {
      const file = join(folder, "stream.sqlite");
      const stream = new SqliteStream({
        file,
        name: "events",
        shardCount: 2,
        retentionMs: RETENTION_MS,
        clock,
      });
      opened.push(stream);
      return stream;
    },
    now: () => clock.now(),
    advance: async (durationMs) => {
      nowMs += durationMs;
    },
    close: async () => {
      for (const stream of opened) stream.close();
      removeFolder(folder);
    },
  };
}

describeStream("SqliteStream", makeHarness);
describeStreamRetention("SqliteStream", makeHarness);

describe("SqliteStream", () => {
  let folder: string;

  beforeEach(() => {
    folder = makeTemporaryFolder();
  });

  afterEach(() => {
    removeFolder(folder);
  });

  it("keeps the number of its shards, so that a key stays in its shard", () => {
    const file = join(folder, "stream.sqlite");
    const clock = { now: () => toEpochMs(0) };
    const options = { file, name: "events", retentionMs: RETENTION_MS, clock };
    const stream = new SqliteStream({ ...options, shardCount: 2 });

    expect(() => new SqliteStream({ ...options, shardCount: 3 })).toThrow(/has 2 shards/);
    stream.close();
  });

  it("leaves no byte of a purged record in its file", async () => {
    const file = join(folder, "stream.sqlite");
    let nowMs = 0;
    const clock = { now: () => toEpochMs(nowMs) };
    const stream = new SqliteStream({
      file,
      name: "events",
      shardCount: 1,
      retentionMs: RETENTION_MS,
      clock,
    });
    await stream.append([{ partitionKey: "CANARYKEY", data: Buffer.from("CANARYVALUE".repeat(1_000)) }]);

    nowMs = RETENTION_MS + 1;
    await stream.read("shardId-000000000000", "oldest", 1);
    stream.close();

    expect(readFileSync(file).includes("CANARY")).toBe(false);
  });

  it("leaves no byte of what is past retention in its file or log once that is purged, with others at it", async () => {
    const file = join(folder, "stream.sqlite");
    let nowMs = 0;
    const clock = { now: () => toEpochMs(nowMs) };
    const options = { file, name: "events", shardCount: 2, retentionMs: RETENTION_MS, clock };
    const [stream, other] = [new SqliteStream(options), new SqliteStream(options)];
    const append = (text: string) =>
      stream.append(
        Array.from({ length: 1_000 }, (_, index) => ({
          partitionKey: `${text}${index}`,
          data: Buffer.from(text),
        })),
      );
    await append("CANARY");
    nowMs = RETENTION_MS / 2;
    await append("RECENT");
    nowMs = RETENTION_MS + 1;

    await stream.purgeExpired();

    const bytes = Buffer.concat([file, `${file}-wal`].map((path) => readFileSync(path)));
    expect(bytes.includes("CANARY")).toBe(false);
    const kept = await Promise.all(
      (await other.listShards()).map((shard) => other.read(shard, "oldest", 1_000)),
    );
    expect(kept.flatMap(({ records }) => records)).toHaveLength(1_000);
    stream.close();
    other.close();
  });
});
