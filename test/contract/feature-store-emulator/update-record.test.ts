// Decides: what UpdateRecord promises, seen through the AWS SDK.
// Leaves to others: whole records (put-record.test.ts) and the form of the offline files (offline-flush.test.ts).
import {
  DeleteRecordCommand,
  type FeatureValue,
  GetRecordCommand,
  UpdateRecordCommand,
  type UpdateRecordRequest,
} from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";
import {
  admin,
  createOrders,
  errorOf,
  getOrder,
  putOrder,
  ROLE_ARN,
  readOfflineRows,
  type Setup,
  startSetup,
} from "./setup.ts";

const V2 = { OnlineStoreConfig: { EnableOnlineStore: true, StorageType: "Standard_V2" } } as const;

describe("UpdateRecord", () => {
  let setup: Setup;
  beforeEach(async () => {
    setup = await startSetup();
    await createOrders(setup, V2);
    await putOrder(setup, { count: "1", total: "5.0" });
  });
  afterEach(() => setup.close());

  const update = (
    features: Readonly<Record<string, string>>,
    more: Partial<UpdateRecordRequest> = {},
  ): Promise<unknown> =>
    setup.runtime.send(
      new UpdateRecordCommand({
        FeatureGroupName: "orders",
        RecordIdentifierValueAsString: "c-1",
        Features: toFeatures(features),
        ...more,
      }),
    );

  it("gives the named features new values and leaves the others, the event time among them", async () => {
    await update({ count: "2" });

    expect(await getOrder(setup)).toEqual({
      customer_id: "c-1",
      event_time: "2024-05-01T10:00:00Z",
      count: "2",
      total: "5.0",
    });
  });

  it.each([
    ["equal", "2024-05-01T10:00:00.000Z"],
    ["newer", "2024-05-01T10:00:00.000000001Z"],
  ])("is applied with an event time that is %s, and keeps that event time", async (_, event_time) => {
    await update({ event_time, count: "2" });

    expect(await getOrder(setup)).toMatchObject({ event_time, count: "2" });
  });

  it("refuses an older event time with ConflictException, and changes nothing", async () => {
    const error = await errorOf(update({ event_time: "2024-05-01T09:59:59.999999999Z", count: "2" }));

    expect(error).toMatchObject({ name: "ConflictException", status: 409 });
    expect((await getOrder(setup))?.count).toBe("1");
  });

  it("needs a record that can be read", async () => {
    const missing = await errorOf(update({ count: "2" }, { RecordIdentifierValueAsString: "c-2" }));
    await setup.runtime.send(
      new DeleteRecordCommand({
        FeatureGroupName: "orders",
        RecordIdentifierValueAsString: "c-1",
        EventTime: "2024-05-01T11:00:00Z",
      }),
    );
    const deleted = await errorOf(update({ count: "2" }));

    expect(missing).toMatchObject({ name: "ResourceNotFound", status: 404 });
    expect(missing.message).not.toContain("c-2");
    expect(deleted).toMatchObject({ name: "ResourceNotFound", status: 404 });
    expect(await getOrder(setup)).toBeUndefined();
  });

  it("takes an expired record for an absent one", async () => {
    await admin(setup, "PUT", "clock", { nowMs: Date.parse("2024-05-01T10:00:30Z") });
    await update({ event_time: "2024-05-01T10:00:01Z" }, { TtlDuration: { Unit: "Minutes", Value: 1 } });
    await admin(setup, "PUT", "clock", { nowMs: Date.parse("2024-05-01T10:01:01Z") });

    expect(await errorOf(update({ count: "2" }))).toMatchObject({ name: "ResourceNotFound", status: 404 });
  });

  it("counts a time to live from the event time that the request must have", async () => {
    await admin(setup, "PUT", "clock", { nowMs: Date.parse("2024-05-01T10:00:30Z") });
    const ttl = { TtlDuration: { Unit: "Minutes", Value: 1 } } as const;
    await update({ event_time: "2024-05-01T10:00:01Z" }, ttl);
    await update({ count: "7" });

    const reply = await setup.runtime.send(
      new GetRecordCommand({
        FeatureGroupName: "orders",
        RecordIdentifierValueAsString: "c-1",
        ExpirationTimeResponse: "Enabled",
      }),
    );

    expect(reply.ExpiresAt).toBe("2024-05-01T10:01:01Z");
    expect(await errorOf(update({ count: "2" }, ttl))).toMatchObject({
      name: "ValidationError",
      status: 400,
    });
  });

  it("refuses a group of storage type Standard, and one that is not there", async () => {
    await createOrders(setup, { FeatureGroupName: "plain" });

    expect(await errorOf(update({ count: "2" }, { FeatureGroupName: "plain" }))).toMatchObject({
      name: "ValidationError",
      status: 400,
    });
    expect(await errorOf(update({ count: "2" }, { FeatureGroupName: "none" }))).toMatchObject({
      name: "ResourceNotFound",
      status: 404,
    });
  });

  it.each([
    ["no feature", {}],
    ["an unknown feature", { colour: "red" }],
    ["a value of another type", { count: "1.5" }],
    ["another identifier", { customer_id: "c-2" }],
  ])("refuses %s with ValidationError, and changes nothing", async (_, features: Record<string, string>) => {
    expect(await errorOf(update(features))).toMatchObject({ name: "ValidationError", status: 400 });
    expect(await getOrder(setup)).toMatchObject({ count: "1", total: "5.0" });
  });

  it("refuses more than 100 features", async () => {
    const names = Array.from({ length: 101 }, (_, index) => `f${index}`);
    const features = ["customer_id", "event_time", ...names].map((FeatureName) => ({
      FeatureName,
      FeatureType: "String" as const,
    }));
    await createOrders(setup, { ...V2, FeatureGroupName: "wide", FeatureDefinitions: features });

    const wide = update(Object.fromEntries(names.map((name) => [name, "x"])), { FeatureGroupName: "wide" });

    expect(await errorOf(wide)).toMatchObject({ name: "ValidationError", status: 400 });
  });

  it("works on an in-memory group, lists included", async () => {
    await createOrders(setup, {
      FeatureGroupName: "memory",
      OnlineStoreConfig: { EnableOnlineStore: true, StorageType: "InMemory" },
      FeatureDefinitions: [
        { FeatureName: "customer_id", FeatureType: "String" },
        { FeatureName: "event_time", FeatureType: "String" },
        { FeatureName: "tags", FeatureType: "String", CollectionType: "List" },
      ],
    });
    const put = { FeatureGroupName: "memory", RecordIdentifierValueAsString: "c-1" };
    await putOrder(setup, { count: undefined }, "memory");
    await update({}, { ...put, Features: [{ FeatureName: "tags", ValueAsStringList: ["a", "b"] }] });

    const { Record: features } = await setup.runtime.send(new GetRecordCommand(put));

    expect(features).toContainEqual({ FeatureName: "tags", ValueAsStringList: ["a", "b"] });
  });
});

describe("UpdateRecord and the offline store", () => {
  it("appends the whole record as it is after the update, unless told not to", async () => {
    const state = makeTemporaryFolder();
    const setup = await startSetup({ state });
    await createOrders(setup, {
      ...V2,
      OfflineStoreConfig: { S3StorageConfig: { S3Uri: "s3://bucket/prefix" } },
      RoleArn: ROLE_ARN,
    });
    await putOrder(setup, { count: "1", total: "5.0" });
    for (const TargetStores of [undefined, ["OnlineStore" as const]])
      await setup.runtime.send(
        new UpdateRecordCommand({
          FeatureGroupName: "orders",
          RecordIdentifierValueAsString: "c-1",
          Features: toFeatures({ count: TargetStores === undefined ? "2" : "3" }),
          TargetStores,
        }),
      );
    const count = (await getOrder(setup))?.count;
    await setup.close();

    const rows = readOfflineRows(state).map(({ values }) => values);
    removeFolder(state);

    expect(count).toBe("3");
    expect(rows).toEqual([
      ["c-1", "2024-05-01T10:00:00Z", "1", "5.0"],
      ["c-1", "2024-05-01T10:00:00Z", "2", "5.0"],
    ]);
  });
});

function toFeatures(features: Readonly<Record<string, string>>): FeatureValue[] {
  return Object.entries(features).map(([FeatureName, ValueAsString]) => ({ FeatureName, ValueAsString }));
}
