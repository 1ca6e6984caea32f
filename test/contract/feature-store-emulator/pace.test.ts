// Decides: what faults beyond throttling promise (admin.test.ts has those): units, latencies, resets, names of errors.
// Leaves to others: what the real rules refuse.
import {
  BatchGetRecordCommand,
  BatchWriteRecordCommand,
  DeleteRecordCommand,
  GetRecordCommand,
} from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Pace, toUnits } from "../../../packages/feature-store-emulator/src/pace.ts";
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

const order = (faults: object) => admin(setup, "PUT", "faults", faults);
const get = (recordId: string) =>
  setup.runtime.send(
    new GetRecordCommand({ FeatureGroupName: "orders", RecordIdentifierValueAsString: recordId }),
  );
const THROTTLED = { name: "ThrottlingException", status: 400, message: "Rate exceeded" };

describe("Units", () => {
  it("are one for each begun kilobyte to write, at least one; one for each begun four to read, none for nothing", () => {
    expect([0, 1, 1_024, 1_025].map((bytes) => toUnits("write", bytes))).toEqual([1, 1, 1, 2]);
    expect([0, 1, 4_096, 4_097].map((bytes) => toUnits("read", bytes))).toEqual([0, 1, 1, 2]);
  });

  it("of a second may be taken at once, by a record no more than its own, and no call takes a part", () => {
    const pace = new Pace({ writeUnits: 3, writeUnitsPerRecord: 2 });
    const taken = ["a", "a", "a", "b", "b"].map((recordId) => pace.takes("write", recordId, 1));

    expect(taken).toEqual([true, true, false, true, false]);
  });

  it("of a record larger than a second's are let through once, and owed", () => {
    const pace = new Pace({ readUnits: 1 });

    expect(pace.takes("read", "a", 40_000)).toBe(true);
    expect(pace.takes("read", "b", 1)).toBe(false);
  });
});

describe("A pace", () => {
  it("throttles writes of one record, deletions among them, and lets others pass", async () => {
    await order({ group: "orders", pace: { writeUnitsPerRecord: 2 } });
    await putOrder(setup, { customer_id: "a" });
    await putOrder(setup, { customer_id: "a", event_time: "2024-05-02T00:00:00Z", count: "2" });
    const deletion = new DeleteRecordCommand({
      FeatureGroupName: "orders",
      RecordIdentifierValueAsString: "a",
      EventTime: "2024-05-03T00:00:00Z",
    });

    expect(await errorOf(setup.runtime.send(deletion))).toMatchObject(THROTTLED);
    expect((await getOrder(setup, "a"))?.count).toBe("2");
    await putOrder(setup, { customer_id: "b" });
  });

  it("throttles readings by the whole record's size", async () => {
    await putOrder(setup, { customer_id: "a" });
    await order({ group: "orders", pace: { readUnits: 1 } });

    await get("none");
    expect((await get("a")).Record).toBeDefined();
    expect(await errorOf(get("a"))).toMatchObject(THROTTLED);
  });

  it("gives a batch's entries beyond it back unprocessed, and those within it take effect", async () => {
    await order({ group: "orders", pace: { writeUnits: 2, readUnits: 1 } });
    const Entries = ["a", "b", "c"].map((customer_id) => ({
      FeatureGroupName: "orders",
      Record: anOrder({ customer_id }),
    }));
    const written = await setup.runtime.send(new BatchWriteRecordCommand({ Entries }));
    const ids = ["a", "b", "c"];
    const read = await setup.runtime.send(
      new BatchGetRecordCommand({
        Identifiers: [{ FeatureGroupName: "orders", RecordIdentifiersValueAsString: ids }],
      }),
    );

    expect(written.UnprocessedEntries).toEqual(Entries.slice(2));
    expect(read.Records?.map((one) => one.RecordIdentifierValueAsString)).toEqual(["a"]);
    // "c" was never written, and reading nothing costs nothing.
    expect(read.UnprocessedIdentifiers).toEqual([
      { FeatureGroupName: "orders", RecordIdentifiersValueAsString: ["b"] },
    ]);
  });
});

describe("A reset connection", () => {
  it("leaves no effect, or one that the caller was not told of", async () => {
    await order({ resetRate: 1 });
    expect((await errorOf(putOrder(setup, { customer_id: "a" }))).status).toBeNaN();
    await order({ resetAfterEffectRate: 1 });
    await errorOf(putOrder(setup, { customer_id: "b" }));
    await admin(setup, "DELETE", "faults");

    expect(await getOrder(setup, "a")).toBeUndefined();
    expect(await getOrder(setup, "b")).toBeDefined();
  });
});

describe("Faults", () => {
  it.each([
    ["InternalFailure", 500],
    ["ServiceUnavailable", 503],
    ["AccessForbidden", 403],
  ])("are answered as %s", async (errorName, status) => {
    await order({ errorRate: 1, errorName });

    expect(await errorOf(get("a"))).toMatchObject({ name: errorName, status });
  });

  it("take as long as a distribution says, the same again for the same seed", async () => {
    const latencyOf = async () => {
      await order({ latencyMs: { p50: 20, p99: 60 }, seed: 7 });
      const times: number[] = [];
      for (let call = 0; call < 5; call += 1) {
        const beganMs = performance.now();
        await get("a");
        times.push(performance.now() - beganMs);
      }
      return times;
    };
    const times = await latencyOf();

    expect(Math.max(...times)).toBeGreaterThan(15);
    expect(new Set(times.map((time) => Math.round(time / 5))).size).toBeGreaterThan(1);
  });

  it("can be read back, the general ones first, and cleared", async () => {
    await order({ group: "orders", errorRate: 0.5 });
    await order({ throttleRate: 0.25, seed: 3 });

    expect(await admin(setup, "GET", "faults")).toMatchObject({
      faults: [
        { throttleRate: 0.25, seed: 3 },
        { group: "orders", errorRate: 0.5 },
      ],
    });
    await admin(setup, "DELETE", "faults");
    expect(await admin(setup, "GET", "faults")).toEqual({ faults: [] });
  });

  it.each([
    [{ errorRate: 0.6, resetRate: 0.6 }, "exceed 1"],
    [{ latencyMs: { p50: 5, p99: 1 } }, "p99 is below p50"],
    [{ pace: { writeUnits: 0 } }, "pace.writeUnits"],
    [{ errorName: "Teapot" }, "errorName"],
  ])("that cannot be, as %j, are refused by member and rule", async (faults, rule) => {
    expect(await order(faults)).toMatchObject({ Message: expect.stringContaining(rule) });
  });
});
