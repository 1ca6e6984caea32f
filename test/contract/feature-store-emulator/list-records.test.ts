// Decides: what ListRecords promises, seen through the AWS SDK.
// Leaves to others: tombstones (delete-record.test.ts).
import {
  ListRecordsCommand,
  PutRecordCommand,
  paginateListRecords,
} from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { admin, createOrders, errorOf, putOrder, type Setup, startSetup } from "./setup.ts";

describe("ListRecords", () => {
  let setup: Setup;
  beforeEach(async () => {
    setup = await startSetup();
    await createOrders(setup);
  });
  afterEach(() => setup.close());
  const list = (input: { MaxResults?: number; NextToken?: string; FeatureGroupName?: string } = {}) =>
    setup.runtime.send(new ListRecordsCommand({ FeatureGroupName: "orders", ...input }));

  it("gives no token for an empty group nor for a last page that is full", async () => {
    const empty = await list();
    for (const customer_id of ["a", "b"]) await putOrder(setup, { customer_id });
    const full = await list({ MaxResults: 2 });

    expect(empty.RecordIdentifiers).toEqual([]);
    expect(empty.NextToken).toBeUndefined();
    expect(full.RecordIdentifiers).toHaveLength(2);
    expect(full.NextToken).toBeUndefined();
  });

  it("lists each identifier once over its pages", async () => {
    const ids = ["", "é", "日", "🎉", '"', "z"].map((text, i) => `${i}${text}`);
    for (const customer_id of ids) await putOrder(setup, { customer_id });

    const found: string[] = [];
    for await (const page of paginateListRecords(
      { client: setup.runtime, pageSize: 4 },
      { FeatureGroupName: "orders" },
    )) {
      found.push(...(page.RecordIdentifiers ?? []));
    }

    expect(found.toSorted()).toEqual(ids.toSorted());
  });

  it("hides what has expired", async () => {
    await createOrders(setup, {
      FeatureGroupName: "short-lived",
      OnlineStoreConfig: { EnableOnlineStore: true, TtlDuration: { Unit: "Hours", Value: 1 } },
    });
    const Record = [
      { FeatureName: "customer_id", ValueAsString: "c-1" },
      { FeatureName: "event_time", ValueAsString: "2024-05-01T10:00:00Z" },
    ];
    await setup.runtime.send(new PutRecordCommand({ FeatureGroupName: "short-lived", Record }));

    await admin(setup, "PUT", "clock", { nowMs: Date.parse("2024-05-01T10:59:59.999Z") });
    const before = await list({ FeatureGroupName: "short-lived" });
    await admin(setup, "PUT", "clock", { nowMs: Date.parse("2024-05-01T11:00:00Z") });
    const after = await list({ FeatureGroupName: "short-lived" });

    expect(before.RecordIdentifiers).toEqual(["c-1"]);
    expect(after.RecordIdentifiers).toEqual([]);
  });

  it("takes an empty token for none, as the SageMaker Python SDK sends it", async () => {
    await putOrder(setup);

    expect((await list({ NextToken: "" })).RecordIdentifiers).toEqual(["c-1"]);
  });

  it("refuses a token of another group, a made-up one and a bad page size with 400", async () => {
    await createOrders(setup, { FeatureGroupName: "others" });
    for (const customer_id of ["a", "b"]) await putOrder(setup, { customer_id });
    const { NextToken = "" } = await list({ MaxResults: 1 });

    const calls = [
      list({ FeatureGroupName: "others", NextToken }),
      list({ NextToken: "made-up" }),
      list({ MaxResults: 0 }),
      list({ MaxResults: 101 }),
    ];

    expect(NextToken).not.toBe("");
    for (const call of calls)
      expect(await errorOf(call)).toMatchObject({ name: "ValidationError", status: 400 });
  });

  it("answers a missing group with 404 ResourceNotFound", async () => {
    expect(await errorOf(list({ FeatureGroupName: "missing" }))).toMatchObject({
      name: "ResourceNotFound",
      status: 404,
    });
  });
});
