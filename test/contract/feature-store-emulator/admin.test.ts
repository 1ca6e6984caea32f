// Decides: what the emulator's own endpoints promise: health, clock and faults.
// Leaves to others: what hangs on the clock (time-to-live.test.ts).
import {
  BatchGetRecordCommand,
  BatchWriteRecordCommand,
} from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  admin,
  anOrder,
  createOrders,
  errorOf,
  getOrder,
  putOrder,
  type Setup,
  startSetup,
} from "./setup.ts";

let setup: Setup;
beforeEach(async () => {
  setup = await startSetup();
  await createOrders(setup);
});
afterEach(() => setup.close());

describe("GET /_steward/health", () => {
  it("says who answers, without a signature", async () => {
    expect(await admin(setup, "GET", "health")).toEqual({
      ok: true,
      stateDir: ":memory:",
      pid: process.pid,
      version: "0.1.0",
    });
  });
});

describe("PUT /_steward/clock", () => {
  it("stops the clock where it is told, and lets it run again", async () => {
    expect(await admin(setup, "PUT", "clock", { nowMs: 86_400_000 })).toEqual({
      nowMs: 86_400_000,
      fixed: true,
    });
    expect(await admin(setup, "GET", "clock")).toEqual({ nowMs: 86_400_000, fixed: true });

    await admin(setup, "PUT", "clock", { nowMs: null });

    expect(await admin(setup, "GET", "clock")).toMatchObject({ fixed: false });
  });

  it.each([{}, { nowMs: "1970" }, { nowMs: 1.5 }, { nowMs: -1 }, { nowMs: 1, now: 2 }])(
    "refuses %j",
    async (input) => {
      expect(await admin(setup, "PUT", "clock", input)).toMatchObject({ Message: expect.any(String) });
      expect(await admin(setup, "GET", "clock")).toMatchObject({ fixed: false });
    },
  );
});

describe("PUT /_steward/faults", () => {
  const writeBatch = () =>
    setup.runtime.send(
      new BatchWriteRecordCommand({
        Entries: Array.from({ length: 20 }, (_, i) => ({
          FeatureGroupName: "orders",
          Record: anOrder({ customer_id: `c-${i}` }),
        })),
      }),
    );

  it("throttles with 400 ThrottlingException and without effect", async () => {
    await admin(setup, "PUT", "faults", { throttleRate: 1 });
    const error = await errorOf(putOrder(setup));
    await admin(setup, "DELETE", "faults");

    expect(error).toEqual({ name: "ThrottlingException", status: 400, message: "Rate exceeded" });
    expect(await getOrder(setup)).toBeUndefined();
  });

  it("fails with 500 InternalFailure and without effect", async () => {
    await admin(setup, "PUT", "faults", { errorRate: 1 });
    const error = await errorOf(writeBatch());
    await admin(setup, "DELETE", "faults");

    expect(error).toMatchObject({ name: "InternalFailure", status: 500 });
    expect(await getOrder(setup, "c-0")).toBeUndefined();
  });

  it("returns a share of a batch unprocessed: those entries are not written, the others are", async () => {
    await admin(setup, "PUT", "faults", { partialBatchRate: 0.5, seed: 7 });
    const reply = await writeBatch();
    await admin(setup, "DELETE", "faults");

    const unprocessed = (reply.UnprocessedEntries ?? []).map(
      (entry) => entry.Record?.[0]?.ValueAsString ?? "",
    );
    expect(unprocessed.length).toBeGreaterThan(2);
    expect(unprocessed.length).toBeLessThan(18);
    for (let i = 0; i < 20; i++) {
      const isWritten = (await getOrder(setup, `c-${i}`)) !== undefined;
      expect(isWritten).toBe(!unprocessed.includes(`c-${i}`));
    }
  });

  it("repeats itself with the same seed, and differs with another", async () => {
    const runWith = async (seed: number) => {
      await admin(setup, "PUT", "faults", { partialBatchRate: 0.5, seed });
      return (await writeBatch()).UnprocessedEntries;
    };
    const [first, again, other] = [await runWith(1), await runWith(1), await runWith(2)];

    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it("reaches one group alone when it names one, and its entries alone in a batch", async () => {
    await createOrders(setup, { FeatureGroupName: "faulty" });
    await admin(setup, "PUT", "faults", { group: "faulty", partialBatchRate: 1 });
    const reply = await setup.runtime.send(
      new BatchGetRecordCommand({
        Identifiers: [
          { FeatureGroupName: "orders", RecordIdentifiersValueAsString: ["c-1"] },
          { FeatureGroupName: "faulty", RecordIdentifiersValueAsString: ["c-1"] },
        ],
      }),
    );

    expect(reply.UnprocessedIdentifiers).toEqual([
      { FeatureGroupName: "faulty", RecordIdentifiersValueAsString: ["c-1"] },
    ]);
  });

  it("returns a share of the records that a batch asks of one group unprocessed, and the others", async () => {
    const ids = Array.from({ length: 20 }, (_, i) => `c-${i}`);
    await writeBatch();
    await admin(setup, "PUT", "faults", { unreadRate: 0.5, seed: 7 });
    const reply = await setup.runtime.send(
      new BatchGetRecordCommand({
        Identifiers: [{ FeatureGroupName: "orders", RecordIdentifiersValueAsString: ids }],
      }),
    );

    const unread = reply.UnprocessedIdentifiers?.[0]?.RecordIdentifiersValueAsString ?? [];
    const read = (reply.Records ?? []).map((one) => one.RecordIdentifierValueAsString ?? "");
    expect(unread.length).toBeGreaterThan(2);
    expect(read.length).toBeGreaterThan(2);
    expect([...read, ...unread].sort()).toEqual(ids.toSorted());
  });

  it("delays a call by the latency it is given", async () => {
    await admin(setup, "PUT", "faults", { latencyMs: 150 });
    const startMs = performance.now();
    await putOrder(setup);

    expect(performance.now() - startMs).toBeGreaterThanOrEqual(145);
  });

  it.each([{ throttleRate: 1.1 }, { throttleRate: 0.6, errorRate: 0.6 }, { rate: 1 }])(
    "refuses %j",
    async (input) => {
      expect(await admin(setup, "PUT", "faults", input)).toMatchObject({ Message: expect.any(String) });
      await putOrder(setup);
      expect(await getOrder(setup)).toBeDefined();
    },
  );
});
