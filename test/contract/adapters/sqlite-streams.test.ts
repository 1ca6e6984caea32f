// The streams of a platform in one file: the rules of a stream hold for each, and none reads another's events.

import { join } from "node:path";
import { SqliteStreams } from "@steward/adapters";
import { toEpochMs } from "@steward/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { describeStream, type StreamHarness } from "../ports/stream.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";

async function makeHarness(): Promise<StreamHarness> {
  const folder = makeTemporaryFolder();
  const opened: SqliteStreams[] = [];
  let nowMs = Date.UTC(1997, 0, 1);
  const clock = { now: () => toEpochMs(nowMs) };
  return {
    open: async () => {
      const streams = new SqliteStreams({ file: join(folder, "stream.sqlite"), clock });
      opened.push(streams);
      return streams.get("visits");
    },
    now: () => clock.now(),
    advance: async (durationMs) => {
      nowMs += durationMs;
    },
    close: async () => {
      for (const streams of opened) streams.close();
      removeFolder(folder);
    },
  };
}

describeStream("a stream of SqliteStreams", makeHarness);

describe("SqliteStreams", () => {
  function open(): SqliteStreams {
    const folder = makeTemporaryFolder();
    const streams = new SqliteStreams({
      file: join(folder, "stream.sqlite"),
      clock: { now: () => toEpochMs(Date.UTC(1997, 0, 1)) },
    });
    onTestFinished(() => {
      streams.close();
      removeFolder(folder);
    });
    return streams;
  }

  it("keeps the events of two sources apart, though they share the file and the key", async () => {
    const streams = open();
    const event = (text: string) => [{ partitionKey: "one", data: new TextEncoder().encode(text) }];

    await streams.get("visits").append(event("visit"));
    await streams.get("orders").append(event("order"));

    const texts: string[] = [];
    for (const shard of await streams.get("orders").listShards())
      for (const { data } of (await streams.get("orders").read(shard, "oldest", 10)).records)
        texts.push(new TextDecoder().decode(data));
    expect(texts).toEqual(["order"]);
  });

  it("keeps events for seven days unless told otherwise", () => {
    expect(open().retentionMs).toBe(604_800_000);
  });
});
