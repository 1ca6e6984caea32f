// Decides: what BatchWriteRecord promises, seen through the AWS SDK.
// Leaves to others: the rules of one put (put-record.test.ts).
import {
  BatchWriteRecordCommand,
  type BatchWriteRecordEntry,
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

function anEntry(
  features: Readonly<Record<string, string | undefined>>,
  changes: Partial<BatchWriteRecordEntry> = {},
): BatchWriteRecordEntry {
  return { FeatureGroupName: "orders", Record: anOrder(features), ...changes };
}

describe("BatchWriteRecord", () => {
  let setup: Setup;
  beforeEach(async () => {
    setup = await startSetup();
    await createOrders(setup);
  });
  afterEach(() => setup.close());
  const write = (Entries: BatchWriteRecordEntry[]) =>
    setup.runtime.send(new BatchWriteRecordCommand({ Entries }));

  it("writes 25 records and reports nothing", async () => {
    const reply = await write(
      Array.from({ length: 25 }, (_, i) => anEntry({ customer_id: `c-${i}`, count: String(i) })),
    );

    expect(reply).toMatchObject({ Errors: [], UnprocessedEntries: [] });
    expect((await getOrder(setup, "c-0"))?.count).toBe("0");
    expect((await getOrder(setup, "c-24"))?.count).toBe("24");
  });

  it("lets one bad entry fail alone and echoes it exactly as it was sent", async () => {
    const bad = anEntry(
      { customer_id: "c-2", count: "many" },
      { TargetStores: ["OnlineStore"], TtlDuration: { Unit: "Days", Value: 1 } },
    );
    const reply = await write([anEntry({ customer_id: "c-1" }), bad, anEntry({ customer_id: "c-3" })]);

    expect(reply.Errors).toEqual([
      { Entry: bad, ErrorCode: "ValidationError", ErrorMessage: "Feature count must be Integral" },
    ]);
    expect(reply.UnprocessedEntries).toEqual([]);
    expect(await getOrder(setup, "c-1")).toBeDefined();
    expect(await getOrder(setup, "c-2")).toBeUndefined();
    expect(await getOrder(setup, "c-3")).toBeDefined();
  });

  it("says nothing of a record that is not newer, and keeps the stored one", async () => {
    await putOrder(setup, { count: "1" });

    const reply = await write([anEntry({ event_time: "2024-05-01T09:00:00Z", count: "2" })]);

    expect(reply).toMatchObject({ Errors: [], UnprocessedEntries: [] });
    expect((await getOrder(setup))?.count).toBe("1");
  });

  it("orders two entries for one record by event time, wherever they stand", async () => {
    await write([anEntry({ event_time: "2024-05-01T11:00:00Z", count: "2" }), anEntry({ count: "1" })]);

    expect((await getOrder(setup))?.count).toBe("2");
  });

  it("takes the time to live of the entry before that of the request", async () => {
    await admin(setup, "PUT", "clock", { nowMs: Date.parse("2024-05-01T10:00:00Z") });
    await setup.runtime.send(
      new BatchWriteRecordCommand({
        Entries: [
          anEntry({ customer_id: "own" }, { TtlDuration: { Unit: "Hours", Value: 2 } }),
          anEntry({ customer_id: "request" }),
        ],
        TtlDuration: { Unit: "Hours", Value: 1 },
      }),
    );

    await admin(setup, "PUT", "clock", { nowMs: Date.parse("2024-05-01T11:00:00Z") });

    expect(await getOrder(setup, "own")).toBeDefined();
    expect(await getOrder(setup, "request")).toBeUndefined();
  });

  it("fails the entries of a missing group alone, and with 404 when no group exists", async () => {
    const missing = anEntry({ customer_id: "c-2" }, { FeatureGroupName: "missing" });

    const reply = await write([anEntry({ customer_id: "c-1" }), missing]);
    const error = await errorOf(write([missing]));

    expect(reply.Errors).toMatchObject([{ Entry: missing, ErrorCode: "ResourceNotFound" }]);
    expect(await getOrder(setup, "c-1")).toBeDefined();
    expect(error).toMatchObject({ name: "ResourceNotFound", status: 404 });
  });

  it.each([0, 26])("refuses %i entries and writes none of them", async (count) => {
    const call = write(Array.from({ length: count }, (_, i) => anEntry({ customer_id: `c-${i}` })));

    expect(await errorOf(call)).toMatchObject({ name: "ValidationError", status: 400 });
    expect(await getOrder(setup, "c-0")).toBeUndefined();
  });
});
