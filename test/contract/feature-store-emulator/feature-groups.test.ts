// Decides: what the control plane promises, seen through the AWS SDK.
// Leaves to others: what a time to live does (time-to-live.test.ts).
import {
  DeleteFeatureGroupCommand,
  DescribeFeatureGroupCommand,
  type FeatureDefinition,
  ListFeatureGroupsCommand,
  UpdateFeatureGroupCommand,
} from "@aws-sdk/client-sagemaker";
import { ListRecordsCommand } from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  createOrders,
  createOrdersWithOffline,
  errorOf,
  getOrder,
  putOrder,
  ROLE_ARN,
  type Setup,
  startSetup,
  statusOf,
} from "./setup.ts";

let setup: Setup;
beforeEach(async () => {
  setup = await startSetup({ now: () => Date.parse("2024-05-01T10:00:00.500Z"), accountId: "123456789012" });
});
afterEach(() => setup.close());

const describeOrders = () =>
  setup.control.send(new DescribeFeatureGroupCommand({ FeatureGroupName: "orders" }));

describe("CreateFeatureGroup", () => {
  it("is described as it was created, with the resolved path of its offline store", async () => {
    await createOrdersWithOffline(setup);

    const group = await describeOrders();

    expect(group).toMatchObject({
      FeatureGroupArn: "arn:aws:sagemaker:us-east-1:123456789012:feature-group/orders",
      FeatureGroupName: "orders",
      FeatureGroupStatus: "Created",
      RecordIdentifierFeatureName: "customer_id",
      EventTimeFeatureName: "event_time",
      OnlineStoreConfig: { EnableOnlineStore: true },
      OfflineStoreStatus: { Status: "Active" },
      RoleArn: ROLE_ARN,
    });
    expect(group.FeatureDefinitions).toHaveLength(4);
    expect(group.CreationTime).toEqual(new Date("2024-05-01T10:00:00.500Z"));
    expect(group.OfflineStoreConfig?.S3StorageConfig?.ResolvedOutputS3Uri).toBe(
      "s3://bucket/prefix/123456789012/sagemaker/us-east-1/offline-store/orders-1714557600/data",
    );
    expect(group.NextToken).toBeUndefined();
  });

  it("passes through Creating, and takes no record until it is Created", async () => {
    const slow = await startSetup({ creationDelayMs: 200 });
    await createOrders(slow);

    const early = await errorOf(putOrder(slow));
    const statusBefore = await statusOf(slow);
    await vi.waitUntil(async () => (await statusOf(slow)) === "Created", { timeout: 10_000 });
    await putOrder(slow);

    expect(statusBefore).toBe("Creating");
    expect(early).toMatchObject({ name: "ValidationError", status: 400 });
    expect(early.message).toMatch(/^Resource Not Found/);
    expect(await getOrder(slow)).toBeDefined();
    await slow.close();
  });

  it("refuses a name that is taken with 400 ResourceInUse", async () => {
    await createOrders(setup);

    expect(await errorOf(createOrders(setup))).toMatchObject({ name: "ResourceInUse", status: 400 });
  });

  const offline = { S3StorageConfig: { S3Uri: "s3://bucket" } };
  const feature = (FeatureName: string, FeatureType: "String" | "Integral" | "Fractional" = "String") => ({
    FeatureName,
    FeatureType,
  });
  const withFeature = (StorageType: "Standard_V2" | "InMemory", changes: Partial<FeatureDefinition>) => {
    const changed = { ...feature("changed"), ...changes };
    const others = [feature("customer_id"), feature("event_time")];
    return {
      OnlineStoreConfig: { EnableOnlineStore: true, StorageType },
      FeatureDefinitions: [
        ...others.filter(({ FeatureName }) => FeatureName !== changed.FeatureName),
        changed,
      ],
    };
  };
  it.each([
    ["a name that ends with a hyphen", { FeatureGroupName: "orders-" }],
    ["a name of 65 characters", { FeatureGroupName: "o".repeat(65) }],
    ["an identifier that is not defined", { RecordIdentifierFeatureName: "nobody" }],
    [
      "an Integral event time",
      { FeatureDefinitions: [feature("customer_id"), feature("event_time", "Integral")] },
    ],
    [
      "a reserved name",
      { FeatureDefinitions: [feature("customer_id"), feature("event_time"), feature("write_time")] },
    ],
    [
      "a feature defined twice",
      { FeatureDefinitions: [feature("customer_id"), feature("event_time"), feature("event_time")] },
    ],
    ["no store at all", { OnlineStoreConfig: { EnableOnlineStore: false } }],
    ["an offline store without a role", { OfflineStoreConfig: offline }],
    [
      "an offline store beside InMemory",
      {
        OnlineStoreConfig: { EnableOnlineStore: true, StorageType: "InMemory" as const },
        OfflineStoreConfig: offline,
        RoleArn: ROLE_ARN,
      },
    ],
    [
      "Iceberg with a Fractional event time",
      {
        OfflineStoreConfig: { ...offline, TableFormat: "Iceberg" as const },
        RoleArn: ROLE_ARN,
        FeatureDefinitions: [feature("customer_id"), feature("event_time", "Fractional")],
      },
    ],
    ["a list outside InMemory", withFeature("Standard_V2", { CollectionType: "List" })],
    [
      "a vector of 8,193 dimensions",
      withFeature("InMemory", {
        FeatureType: "Fractional",
        CollectionType: "Vector",
        CollectionConfig: { VectorConfig: { Dimension: 8_193 } },
      }),
    ],
    ["a list as event time", withFeature("InMemory", { FeatureName: "event_time", CollectionType: "List" })],
    [
      "2,501 features",
      {
        FeatureDefinitions: [
          feature("customer_id"),
          feature("event_time"),
          ...Array.from({ length: 2_499 }, (_, number) => feature(`f${number}`)),
        ],
      },
    ],
  ])("refuses %s with 400 ValidationException", async (_what, changes) => {
    expect(await errorOf(createOrders(setup, changes))).toMatchObject({
      name: "ValidationException",
      status: 400,
    });
    expect((await setup.control.send(new ListFeatureGroupsCommand({}))).FeatureGroupSummaries).toEqual([]);
  });
});

describe("UpdateFeatureGroup", () => {
  it("adds features that new records may have and old ones lack", async () => {
    await createOrders(setup);
    await putOrder(setup, { customer_id: "before" });

    await setup.control.send(
      new UpdateFeatureGroupCommand({
        FeatureGroupName: "orders",
        FeatureAdditions: [{ FeatureName: "colour", FeatureType: "String" }],
      }),
    );
    await putOrder(setup, { customer_id: "after", colour: "red" });

    expect((await getOrder(setup, "before"))?.colour).toBeUndefined();
    expect((await getOrder(setup, "after"))?.colour).toBe("red");
    expect(await describeOrders()).toMatchObject({ LastUpdateStatus: { Status: "Successful" } });
  });

  it("refuses a feature that exists, 101 at once, and a call that changes nothing", async () => {
    await createOrders(setup);
    const update = (changes: object) =>
      setup.control.send(new UpdateFeatureGroupCommand({ FeatureGroupName: "orders", ...changes }));

    for (const call of [
      update({ FeatureAdditions: [{ FeatureName: "count", FeatureType: "String" }] }),
      update({
        FeatureAdditions: Array.from({ length: 101 }, (_, number) => ({
          FeatureName: `f${number}`,
          FeatureType: "String",
        })),
      }),
      update({}),
    ]) {
      expect(await errorOf(call)).toMatchObject({ name: "ValidationException", status: 400 });
    }
  });
});

describe("ListFeatureGroups", () => {
  it("filters by name, sorts and pages", async () => {
    for (const FeatureGroupName of ["b-orders", "a-orders", "visits", "c-orders"])
      await createOrders(setup, { FeatureGroupName });
    const list = (NextToken?: string) =>
      setup.control.send(
        new ListFeatureGroupsCommand({
          NameContains: "orders",
          SortBy: "Name",
          MaxResults: 2,
          ...(NextToken && { NextToken }),
        }),
      );

    const first = await list();
    const second = await list(first.NextToken);

    expect(first.FeatureGroupSummaries?.map((group) => group.FeatureGroupName)).toEqual([
      "a-orders",
      "b-orders",
    ]);
    expect(second.FeatureGroupSummaries?.map((group) => group.FeatureGroupName)).toEqual(["c-orders"]);
    expect(second.NextToken).toBeUndefined();
  });
});

describe("DeleteFeatureGroup", () => {
  it("takes the records with it, so that a new group of the name begins empty", async () => {
    await createOrders(setup);
    await putOrder(setup);

    await setup.control.send(new DeleteFeatureGroupCommand({ FeatureGroupName: "orders" }));
    const during = await errorOf(putOrder(setup));
    await vi.waitUntil(async () => (await statusOf(setup)) === undefined, { timeout: 10_000 });
    await createOrders(setup);

    expect(during.message).toMatch(/^Resource Not Found/);
    expect(await getOrder(setup)).toBeUndefined();
    const listed = await setup.runtime.send(
      new ListRecordsCommand({ FeatureGroupName: "orders", IncludeSoftDeletedRecords: true }),
    );
    expect(listed.RecordIdentifiers).toEqual([]);
  });

  it("answers a missing group with ResourceNotFound", async () => {
    const call = setup.control.send(new DeleteFeatureGroupCommand({ FeatureGroupName: "missing" }));

    expect(await errorOf(call)).toMatchObject({ name: "ResourceNotFound", status: 400 });
  });
});
