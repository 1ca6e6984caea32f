// Decides: what PutRecord promises, seen through the AWS SDK.
// Leaves to others: batches (batch-write-record.test.ts) and the offline rows (offline-log.test.ts).
import { GetRecordCommand, PutRecordCommand } from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { anOrder, createOrders, errorOf, getOrder, putOrder, type Setup, startSetup } from "./setup.ts";

describe("PutRecord", () => {
  let setup: Setup;
  beforeEach(async () => {
    setup = await startSetup();
    await createOrders(setup);
  });
  afterEach(() => setup.close());

  it("keeps what it was given, as text", async () => {
    await putOrder(setup, { customer_id: "00042", count: "-9223372036854775808", total: "12.50" });

    expect(await getOrder(setup, "00042")).toEqual({
      customer_id: "00042",
      event_time: "2024-05-01T10:00:00Z",
      count: "-9223372036854775808",
      total: "12.50",
    });
  });

  it("lets a later event time replace the whole record, absent features included", async () => {
    await putOrder(setup, { count: "1", total: "5.0" });
    await putOrder(setup, { event_time: "2024-05-01T10:00:01Z", count: "2" });

    expect(await getOrder(setup)).toEqual({
      customer_id: "c-1",
      event_time: "2024-05-01T10:00:01Z",
      count: "2",
    });
  });

  it("accepts an earlier event time and changes nothing online", async () => {
    await putOrder(setup, { count: "1" });
    await putOrder(setup, { event_time: "2024-05-01T09:59:59.999999999Z", count: "2" });

    expect((await getOrder(setup))?.count).toBe("1");
  });

  it("tells event times apart by one nanosecond", async () => {
    await putOrder(setup, { event_time: "2024-05-01T10:00:00.000000001Z", count: "1" });
    await putOrder(setup, { event_time: "2024-05-01T10:00:00.000000002Z", count: "2" });
    await putOrder(setup, { event_time: "2024-05-01T10:00:00.000000001Z", count: "3" });

    expect((await getOrder(setup))?.count).toBe("2");
  });

  it("keeps the stored record at an equal event time, however it is spelled", async () => {
    await putOrder(setup, { event_time: "2024-05-01T10:00:00Z", count: "1" });
    await putOrder(setup, { event_time: "2024-05-01T10:00:00.000Z", count: "2" });

    expect((await getOrder(setup))?.count).toBe("1");
  });

  it("replaces at an equal event time when the open rule says so", async () => {
    const replacing = await startSetup({ openRules: { equalEventTime: "replace" } });
    await createOrders(replacing);

    await putOrder(replacing, { count: "1" });
    await putOrder(replacing, { count: "2" });

    expect((await getOrder(replacing))?.count).toBe("2");
    await replacing.close();
  });

  it("orders fractional Unix seconds by their value, not by their text", async () => {
    await createOrders(setup, {
      FeatureGroupName: "fractional",
      FeatureDefinitions: [
        { FeatureName: "customer_id", FeatureType: "String" },
        { FeatureName: "event_time", FeatureType: "Fractional" },
        { FeatureName: "count", FeatureType: "Integral" },
      ],
    });
    const put = (event_time: string, count: string) =>
      setup.runtime.send(
        new PutRecordCommand({ FeatureGroupName: "fractional", Record: anOrder({ event_time, count }) }),
      );

    await put("999999999.5", "1");
    await put("1000000000", "2");
    await put("9.999999999e8", "3");

    const reply = await setup.runtime.send(
      new GetRecordCommand({
        FeatureGroupName: "fractional",
        RecordIdentifierValueAsString: "c-1",
        FeatureNames: ["count"],
      }),
    );
    expect(reply.Record).toEqual([{ FeatureName: "count", ValueAsString: "2" }]);
  });

  it("takes the ARN of a group for its name", async () => {
    const FeatureGroupName = "arn:aws:sagemaker:us-east-1:000000000000:feature-group/orders";
    await setup.runtime.send(new PutRecordCommand({ FeatureGroupName, Record: anOrder({ count: "7" }) }));

    expect((await getOrder(setup))?.count).toBe("7");
  });

  it("answers a missing group with 400 ValidationError Resource Not Found", async () => {
    const call = setup.runtime.send(new PutRecordCommand({ FeatureGroupName: "missing", Record: anOrder() }));

    const error = await errorOf(call);
    expect(error).toMatchObject({ name: "ValidationError", status: 400 });
    expect(error.message).toMatch(
      /^Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name missing/,
    );
  });

  it.each([
    ["no identifier", { customer_id: undefined }],
    ["an empty identifier", { customer_id: "" }],
    ["an identifier above 2 KB", { customer_id: "x".repeat(2_049) }],
    ["an identifier above 2 KB in UTF-8", { customer_id: "é".repeat(1_025) }],
    ["no event time", { event_time: undefined }],
    ["an event time with an offset", { event_time: "2024-05-01T10:00:00+00:00" }],
    ["an event time without a zone", { event_time: "2024-05-01T10:00:00" }],
    ["an impossible date", { event_time: "2023-02-29T10:00:00Z" }],
    ["ten decimals of a second", { event_time: "2024-05-01T10:00:00.0000000001Z" }],
    ["a fraction for an integer", { count: "3.0" }],
    ["an integer beyond 64 bits", { count: "9223372036854775808" }],
    ["hexadecimal", { count: "0x1f" }],
    ["NaN", { total: "NaN" }],
    ["an infinite number", { total: "1e999" }],
    ["an unknown feature", { colour: "red" }],
    ["a record above 350 KB", { total: `0.${"1".repeat(358_000)}`, customer_id: "y".repeat(500) }],
  ])("refuses %s with 400 ValidationError and writes nothing", async (_what, features) => {
    const call = setup.runtime.send(
      new PutRecordCommand({ FeatureGroupName: "orders", Record: anOrder(features) }),
    );

    expect(await errorOf(call)).toMatchObject({ name: "ValidationError", status: 400 });
    expect(await getOrder(setup)).toBeUndefined();
  });

  it("never quotes a refused value", async () => {
    const canary = "qwlfkzjhbvnmxpty";
    const call = setup.runtime.send(
      new PutRecordCommand({
        FeatureGroupName: "orders",
        Record: anOrder({ customer_id: canary, count: canary }),
      }),
    );

    expect((await errorOf(call)).message).not.toContain(canary);
  });

  it("refuses a feature given twice, and one with both kinds of value", async () => {
    const twice = [...anOrder(), { FeatureName: "count", ValueAsString: "4" }];
    const both = [
      ...anOrder({ count: undefined }),
      { FeatureName: "count", ValueAsString: "4", ValueAsStringList: ["4"] },
    ];
    for (const Record of [twice, both]) {
      const call = setup.runtime.send(new PutRecordCommand({ FeatureGroupName: "orders", Record }));
      expect(await errorOf(call)).toMatchObject({ name: "ValidationError", status: 400 });
    }
  });

  it("refuses a store that the group does not have", async () => {
    const call = setup.runtime.send(
      new PutRecordCommand({ FeatureGroupName: "orders", Record: anOrder(), TargetStores: ["OfflineStore"] }),
    );

    expect(await errorOf(call)).toMatchObject({ name: "ValidationError", status: 400 });
  });
});
