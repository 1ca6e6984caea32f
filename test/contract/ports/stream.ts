// The rules of the port Stream, for every adapter.

import { type EpochMs, type Stream, type StreamRecord, type StreamStart, toEpochMs } from "@steward/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

export interface StreamHarness {
  /** One more instance on the same, at first empty, stream of two shards. */
  open(): Promise<Stream>;
  /** The time that arrivals are measured by. */
  now(): EpochMs;
  advance(durationMs: number): Promise<void>;
  close(): Promise<void>;
}

const MANY = 1_000;

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function textOf(records: readonly StreamRecord[]): readonly string[] {
  return records.map(({ data }) => new TextDecoder().decode(data));
}

/** All that a shard holds from a start, read in pages. */
async function readAll(
  stream: Stream,
  shard: string,
  start: StreamStart = "oldest",
  pageSize = MANY,
): Promise<readonly StreamRecord[]> {
  const records: StreamRecord[] = [];
  let from = start;
  for (;;) {
    const page = await stream.read(shard, from, pageSize);
    records.push(...page.records);
    const last = page.records.at(-1);
    if (last !== undefined) from = { after: last.position };
    if (page.atTip) return records;
  }
}

async function readShards(stream: Stream): Promise<readonly (readonly StreamRecord[])[]> {
  const shards = await stream.listShards();
  return Promise.all(shards.map((shard) => readAll(stream, shard)));
}

async function shardOfKey(stream: Stream, partitionKey: string): Promise<string> {
  const record = (await readShards(stream)).flat().find((each) => each.partitionKey === partitionKey);
  if (record === undefined) throw new Error("no record of that key was found");
  return record.shard;
}

export function describeStream(name: string, makeHarness: () => Promise<StreamHarness>): void {
  describe(name, () => {
    let harness: StreamHarness;
    let stream: Stream;

    beforeEach(async () => {
      harness = await makeHarness();
      stream = await harness.open();
    });

    afterEach(async () => {
      await harness.close();
    });

    describe("append", () => {
      it("keeps every record once, with its key, bytes and arrival", async () => {
        const data = new Uint8Array([0, 1, 127, 128, 255]);
        const beforeMs = harness.now();

        await stream.append([{ partitionKey: "é😀", data }]);

        const records = (await readShards(stream)).flat();
        expect(records).toHaveLength(1);
        expect(records[0]?.partitionKey).toBe("é😀");
        expect([...(records[0]?.data ?? [])]).toEqual([0, 1, 127, 128, 255]);
        expect(records[0]?.arrivedAtMs).toBeGreaterThanOrEqual(beforeMs);
        expect(records[0]?.arrivedAtMs).toBeLessThanOrEqual(harness.now());
      });

      it("keeps the records of one partition key in one shard, in order", async () => {
        const keys = ["a", "b", "c", "d", "e", "f", "g", "h"];
        for (let round = 0; round < 5; round += 1) {
          await stream.append(
            keys.map((partitionKey) => ({ partitionKey, data: bytes(`${partitionKey}${round}`) })),
          );
        }

        const shards = await readShards(stream);

        for (const key of keys) {
          const holding = shards.filter((records) =>
            records.some(({ partitionKey }) => partitionKey === key),
          );
          expect(holding).toHaveLength(1);
          const own = (holding[0] ?? []).filter(({ partitionKey }) => partitionKey === key);
          expect(textOf(own)).toEqual([`${key}0`, `${key}1`, `${key}2`, `${key}3`, `${key}4`]);
        }
      });

      it("spreads many keys over all shards", async () => {
        await stream.append(
          Array.from({ length: 100 }, (_, index) => ({
            partitionKey: `customer-${index}`,
            data: bytes("x"),
          })),
        );

        const counts = (await readShards(stream)).map((records) => records.length);

        expect(counts).toHaveLength(2);
        expect(Math.min(...counts)).toBeGreaterThan(20);
      });

      it("loses nothing when several instances append at once", async () => {
        const streams = await Promise.all([harness.open(), harness.open(), harness.open()]);

        await Promise.all(
          streams.map((each, writer) =>
            each.append(
              Array.from({ length: 20 }, (_, index) => ({
                partitionKey: "one",
                data: bytes(`${writer}-${index}`),
              })),
            ),
          ),
        );

        const records = (await readShards(stream)).flat();
        expect(new Set(textOf(records)).size).toBe(60);
        expect(new Set(records.map(({ position }) => position)).size).toBe(60);
      });
    });

    describe("read", () => {
      it("gives positions of one width that rise as text within a shard", async () => {
        for (let round = 0; round < 12; round += 1) {
          await stream.append([{ partitionKey: "one", data: bytes(String(round)) }]);
        }

        const records = await readAll(stream, await shardOfKey(stream, "one"));
        const positions = records.map(({ position }) => position);

        expect(textOf(records)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"]);
        expect([...positions].sort()).toEqual(positions);
        expect(new Set(positions.map(({ length }) => length)).size).toBe(1);
      });

      it("goes on just after a position, page by page, and says when it is at the tip", async () => {
        await stream.append(
          Array.from({ length: 5 }, (_, index) => ({ partitionKey: "one", data: bytes(String(index)) })),
        );
        const shard = await shardOfKey(stream, "one");

        const first = await stream.read(shard, "oldest", 3);
        const second = await stream.read(shard, { after: first.records.at(-1)?.position ?? "" }, 3);
        const third = await stream.read(shard, { after: second.records.at(-1)?.position ?? "" }, 3);

        expect([textOf(first.records), first.atTip]).toEqual([["0", "1", "2"], false]);
        expect([textOf(second.records), second.atTip]).toEqual([["3", "4"], true]);
        expect([textOf(third.records), third.atTip]).toEqual([[], true]);
        expect((await stream.read(shard, "oldest", 5)).atTip).toBe(true);
      });

      it("begins at the first record that arrived at or after an instant", async () => {
        await stream.append([{ partitionKey: "one", data: bytes("before") }]);
        await harness.advance(1_000);
        const instant = harness.now();
        await stream.append([{ partitionKey: "one", data: bytes("at") }]);
        await harness.advance(1_000);
        await stream.append([{ partitionKey: "one", data: bytes("after") }]);
        const shard = await shardOfKey(stream, "one");

        const from = async (arrivedAtMs: number) =>
          textOf(await readAll(stream, shard, { arrivedAtMs: toEpochMs(arrivedAtMs) }));

        expect(await from(instant)).toEqual(["at", "after"]);
        expect(await from(instant - 60_000)).toEqual(["before", "at", "after"]);
        expect(await from(harness.now() + 60_000)).toEqual([]);
      });

      it("is at the tip of an empty shard", async () => {
        const [shard = ""] = await stream.listShards();

        expect(await stream.read(shard, "oldest", 10)).toEqual({ records: [], atTip: true });
      });

      it("names a shard that the stream does not have", async () => {
        await expect(stream.read("shardId-000000000099", "oldest", 1)).rejects.toThrow(
          expect.objectContaining({ name: "NotFoundError" }),
        );
      });
    });

    it("has the same shards in every instance", async () => {
      const other = await harness.open();

      expect(await other.listShards()).toEqual(await stream.listShards());
      expect(await stream.listShards()).toHaveLength(2);
    });
  });
}

/** For adapters whose retention can pass within a test: here 60 s. Kinesis keeps 24 h at least. */
export function describeStreamRetention(name: string, makeHarness: () => Promise<StreamHarness>): void {
  describe(`${name}, kept for 60 s`, () => {
    let harness: StreamHarness;
    let stream: Stream;

    beforeEach(async () => {
      harness = await makeHarness();
      stream = await harness.open();
    });

    afterEach(async () => {
      await harness.close();
    });

    it("reads a record of exactly that age, and none that is older", async () => {
      await stream.append([{ partitionKey: "one", data: bytes("first") }]);
      const shard = await shardOfKey(stream, "one");
      await harness.advance(30_000);
      await stream.append([{ partitionKey: "one", data: bytes("second") }]);

      await harness.advance(30_000);
      const atTheEdge = textOf(await readAll(stream, shard));
      await harness.advance(1);
      const beyond = textOf(await readAll(stream, shard));

      expect(atTheEdge).toEqual(["first", "second"]);
      expect(beyond).toEqual(["second"]);
    });

    it("begins at the oldest retained record after a position, or an instant, that is gone", async () => {
      const startMs = harness.now();
      await stream.append([{ partitionKey: "one", data: bytes("first") }]);
      const shard = await shardOfKey(stream, "one");
      const [first] = await readAll(stream, shard);
      await stream.append([{ partitionKey: "one", data: bytes("second") }]);
      await harness.advance(60_001);
      await stream.append([{ partitionKey: "one", data: bytes("third") }]);

      expect(textOf(await readAll(stream, shard, { after: first?.position ?? "" }))).toEqual(["third"]);
      expect(textOf(await readAll(stream, shard, { arrivedAtMs: startMs }))).toEqual(["third"]);
    });

    it("never gives a position twice, even when every record before is gone", async () => {
      await stream.append([{ partitionKey: "one", data: bytes("first") }]);
      const shard = await shardOfKey(stream, "one");
      const [first] = await readAll(stream, shard);
      await harness.advance(60_001);
      await readAll(stream, shard);

      await (await harness.open()).append([{ partitionKey: "one", data: bytes("second") }]);

      const [second] = await readAll(stream, shard);
      expect(second?.position.localeCompare(first?.position ?? "")).toBe(1);
    });
  });
}
