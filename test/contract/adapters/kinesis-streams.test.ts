// The streams on Kinesis, against MiniStack, on real time. An expired iterator, an instant to come and a refused record are
// answers of Kinesis played by the client: MiniStack gives none of them.

import { setTimeout as sleep } from "node:timers/promises";
import { SystemTimer } from "@steward/adapters";
import { createKinesisClient, KinesisStreams } from "@steward/adapters/aws";
import { toEpochMs } from "@steward/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { awsOptions, createStream } from "../../support/aws-resources.ts";
import { type MiniStack, startMiniStack } from "../../support/ministack.ts";
import { describeStream } from "../ports/stream.ts";

let ministack: MiniStack;
beforeAll(async () => {
  ministack = await startMiniStack();
}, 300_000);
afterAll(() => ministack.stop());

async function aStream(shardCount = 2) {
  const name = await createStream(ministack.url, { shardCount });
  const client = createKinesisClient(awsOptions(ministack.url));
  const open = () => new KinesisStreams({ client, streamName: () => name, timer: new SystemTimer() });
  return { client, open };
}

describeStream("KinesisStreams", async () => {
  const { client, open } = await aStream();
  return {
    open: async () => open().get("visits"),
    now: () => toEpochMs(Date.now()),
    advance: async (durationMs) => {
      await sleep(durationMs);
    },
    close: async () => client.destroy(),
  };
});

describe("KinesisStreams", () => {
  const event = (text: string, partitionKey = "one") => ({
    partitionKey,
    data: new TextEncoder().encode(text),
  });
  const textsOf = (records: readonly { readonly data: Uint8Array }[]) =>
    records.map(({ data }) => new TextDecoder().decode(data));

  it("keeps the order of a key when records of a call are refused", async () => {
    const { client, open } = await aStream(1);
    let calls = 0;
    client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName !== "PutRecordsCommand") return next(args);
        calls += 1;
        if (calls > 1) return next(args);
        const input = args.input as { readonly Records: readonly object[] };
        const result = await next({
          ...args,
          input: { ...args.input, Records: input.Records.slice(1) } as never,
        });
        const output = result.output as unknown as { readonly Records: readonly object[] };
        const refused = { ErrorCode: "ProvisionedThroughputExceededException" };
        return {
          ...result,
          output: { ...output, FailedRecordCount: 1, Records: [refused, ...output.Records] } as never,
        };
      },
      { step: "initialize" },
    );
    const stream = open().get("visits");

    await stream.append([event("1"), event("a", "two"), event("2"), event("b", "two"), event("3")]);

    const { records } = await stream.read("shardId-000000000000", "oldest", 10);
    const own = records.filter(({ partitionKey }) => partitionKey === "one");
    expect(textsOf(own)).toEqual(["1", "2", "3"]);
    expect(records).toHaveLength(5);
  });

  it("goes on from its position when the iterator has expired", async () => {
    const { client, open } = await aStream(1);
    const stream = open().get("visits");
    await stream.append([event("1"), event("2"), event("3")]);
    const first = await stream.read("shardId-000000000000", "oldest", 2);
    let calls = 0;
    client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName !== "GetRecordsCommand") return next(args);
        calls += 1;
        if (calls === 1)
          throw Object.assign(new Error("Iterator expired"), { name: "ExpiredIteratorException" });
        return next(args);
      },
      { step: "initialize" },
    );

    const after = first.records.at(-1)?.position ?? "";
    const second = await stream.read("shardId-000000000000", { after }, 2);

    expect([textsOf(second.records), second.atTip, calls]).toEqual([["3"], true, 2]);
  });

  it("goes on from a position that another instance read up to", async () => {
    const { open } = await aStream(1);
    await open()
      .get("visits")
      .append([event("1"), event("2"), event("3")]);
    const shard = "shardId-000000000000";
    const first = await open().get("visits").read(shard, "oldest", 2);

    const after = first.records.at(-1)?.position ?? "";
    const second = await open().get("visits").read(shard, { after }, 2);

    expect(textsOf(second.records)).toEqual(["3"]);
  });

  it("refuses what is no position of a stream", async () => {
    const { open } = await aStream(1);
    const read = open().get("visits").read("shardId-000000000000", { after: "7" }, 2);

    await expect(read).rejects.toMatchObject({ name: "InvalidInputError" });
  });

  it("is at the tip of an instant that Kinesis calls still to come", async () => {
    const { client, open } = await aStream(1);
    client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName !== "GetShardIteratorCommand") return next(args);
        const message =
          "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis.";
        throw Object.assign(new Error(message), { name: "InvalidArgumentException" });
      },
      { step: "initialize" },
    );

    const arrivedAtMs = toEpochMs(Date.now() + 60_000);
    expect(await open().get("visits").read("shardId-000000000000", { arrivedAtMs }, 1)).toEqual({
      records: [],
      atTip: true,
    });
  });
});
