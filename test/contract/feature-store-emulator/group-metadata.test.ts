// Decides: what tags, metadata of features and updates under way promise, seen through the AWS SDK.
// Leaves to others: creation, listing and deletion (feature-groups.test.ts).
import {
  AddTagsCommand,
  DeleteTagsCommand,
  DescribeFeatureGroupCommand,
  DescribeFeatureMetadataCommand,
  ListTagsCommand,
  UpdateFeatureGroupCommand,
  type UpdateFeatureGroupRequest,
  UpdateFeatureMetadataCommand,
  type UpdateFeatureMetadataRequest,
} from "@aws-sdk/client-sagemaker";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";
import { admin, createOrders, errorOf, putOrder, ROLE_ARN, type Setup, startSetup } from "./setup.ts";

const ResourceArn = "arn:aws:sagemaker:us-east-1:000000000000:feature-group/orders";
let setup: Setup;
beforeEach(async () => {
  setup = await startSetup();
});
afterEach(() => setup.close());

const describeOrders = () =>
  setup.control.send(new DescribeFeatureGroupCommand({ FeatureGroupName: "orders" }));
const update = (change: Partial<UpdateFeatureGroupRequest>) =>
  setup.control.send(new UpdateFeatureGroupCommand({ FeatureGroupName: "orders", ...change }));

describe("Tags of a feature group", () => {
  const list = async () => (await setup.control.send(new ListTagsCommand({ ResourceArn }))).Tags;
  const tagsOf = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ Key: `k${index}`, Value: "v" }));

  it("are those it was created with, then what was added, replaced and removed", async () => {
    await createOrders(setup, { Tags: [{ Key: "owner", Value: "growth" }] });
    const added = await setup.control.send(
      new AddTagsCommand({
        ResourceArn,
        Tags: [
          { Key: "pii", Value: "true" },
          { Key: "owner", Value: "risk" },
        ],
      }),
    );

    expect(added.Tags).toEqual(await list());
    expect(await list()).toEqual([
      { Key: "owner", Value: "risk" },
      { Key: "pii", Value: "true" },
    ]);

    await setup.control.send(new DeleteTagsCommand({ ResourceArn, TagKeys: ["owner", "none"] }));

    expect(await list()).toEqual([{ Key: "pii", Value: "true" }]);
  });

  it("are at most 50", async () => {
    await createOrders(setup, { Tags: tagsOf(50) });
    const more = setup.control.send(
      new AddTagsCommand({ ResourceArn, Tags: [{ Key: "one-more", Value: "" }] }),
    );

    expect(await errorOf(more)).toMatchObject({ name: "ResourceLimitExceeded", status: 400 });
    expect(await list()).toHaveLength(50);
    expect(await errorOf(createOrders(setup, { FeatureGroupName: "b", Tags: tagsOf(51) }))).toMatchObject({
      name: "ValidationException",
    });
  });

  it("are refused for what is no feature group of this account", async () => {
    const other = ResourceArn.replace("orders", "none");

    expect(await errorOf(setup.control.send(new ListTagsCommand({ ResourceArn: other })))).toMatchObject({
      name: "ResourceNotFound",
      status: 400,
    });
    expect(await errorOf(setup.control.send(new ListTagsCommand({ ResourceArn: "orders" })))).toMatchObject({
      name: "ValidationException",
    });
  });
});

describe("Metadata of a feature", () => {
  const change = (more: Partial<UpdateFeatureMetadataRequest>) =>
    setup.control.send(
      new UpdateFeatureMetadataCommand({ FeatureGroupName: "orders", FeatureName: "count", ...more }),
    );
  const read = (FeatureName = "count") =>
    setup.control.send(new DescribeFeatureMetadataCommand({ FeatureGroupName: "orders", FeatureName }));

  it("begins with its type and the creation of its group", async () => {
    await createOrders(setup);

    expect(await read()).toMatchObject({
      FeatureGroupArn: ResourceArn,
      FeatureGroupName: "orders",
      FeatureName: "count",
      FeatureType: "Integral",
      Parameters: [],
      CreationTime: (await describeOrders()).CreationTime,
    });
  });

  it("takes a description and parameters, removals first, and outlives a restart and an update", async () => {
    const state = makeTemporaryFolder();
    const first = await startSetup({ state });
    setup = first;
    await createOrders(setup);
    await change({ Description: "orders so far", ParameterAdditions: [{ Key: "pii", Value: "false" }] });
    await change({
      ParameterRemovals: ["pii"],
      ParameterAdditions: [
        { Key: "slo", Value: "2h" },
        { Key: "pii", Value: "true" },
      ],
    });
    await update({ FeatureAdditions: [{ FeatureName: "extra", FeatureType: "String" }] });
    await first.close();
    setup = await startSetup({ state });

    expect(await read()).toMatchObject({
      Description: "orders so far",
      Parameters: [
        { Key: "slo", Value: "2h" },
        { Key: "pii", Value: "true" },
      ],
    });
    expect((await read("extra")).Parameters).toEqual([]);
    await setup.close();
    removeFolder(state);
    setup = await startSetup();
  });

  it("has at most 25 parameters, and is that of a feature that exists", async () => {
    await createOrders(setup);
    const parameters = Array.from({ length: 25 }, (_, index) => ({ Key: `k${index}`, Value: "v" }));
    await change({ ParameterAdditions: parameters });

    expect(await errorOf(change({ ParameterAdditions: [{ Key: "more", Value: "v" }] }))).toMatchObject({
      name: "ResourceLimitExceeded",
    });
    expect((await read()).Parameters).toHaveLength(25);
    expect(await errorOf(read("none"))).toMatchObject({ name: "ResourceNotFound", status: 400 });
    expect(await errorOf(change({ Description: "x".repeat(256) }))).toMatchObject({
      name: "ValidationException",
    });
  });
});

describe("An update under way", () => {
  const addition = { FeatureAdditions: [{ FeatureName: "extra", FeatureType: "String" as const }] };
  const withExtra = { extra: "x" };

  it("is InProgress, then Successful; until then the group is used as it was, and takes no other update", async () => {
    const slow = await startSetup({ creationDelayMs: 300 });
    setup = slow;
    await createOrders(setup);
    await vi.waitFor(() => putOrder(setup));

    await update(addition);

    expect((await describeOrders()).LastUpdateStatus?.Status).toBe("InProgress");
    expect(await errorOf(putOrder(setup, withExtra))).toMatchObject({ name: "ValidationError" });
    expect(await errorOf(update(addition))).toMatchObject({ name: "ResourceInUse", status: 400 });
    await vi.waitFor(async () =>
      expect((await describeOrders()).LastUpdateStatus?.Status).toBe("Successful"),
    );
    await putOrder(setup, withExtra);
    expect((await describeOrders()).FeatureDefinitions).toHaveLength(5);
  });

  it("is finished by whoever opens the state again", async () => {
    const state = makeTemporaryFolder();
    const slow = await startSetup({ state, creationDelayMs: 60_000 });
    await createOrders(slow);
    await slow.close();
    const second = await startSetup({ state, creationDelayMs: 60_000 });
    setup = second;
    await update(addition);
    await second.close();
    setup = await startSetup({ state });

    expect((await describeOrders()).LastUpdateStatus?.Status).toBe("Successful");
    expect((await describeOrders()).FeatureDefinitions).toHaveLength(5);
    await setup.close();
    removeFolder(state);
    setup = await startSetup();
  });

  it("makes Standard to Standard_V2, and nothing else of a storage type", async () => {
    await createOrders(setup);
    await update({ OnlineStoreConfig: { StorageType: "Standard_V2" } });

    expect((await describeOrders()).OnlineStoreConfig?.StorageType).toBe("Standard_V2");
    for (const StorageType of ["Standard", "InMemory"] as const)
      expect(await errorOf(update({ OnlineStoreConfig: { StorageType } }))).toMatchObject({
        name: "ValidationException",
      });
  });

  it("changes exactly one thing", async () => {
    await createOrders(setup);
    const throughput = { ThroughputConfig: { ThroughputMode: "OnDemand" as const } };

    for (const change of [{}, { ...addition, ...throughput }, { OnlineStoreConfig: {} }])
      expect(await errorOf(update(change))).toMatchObject({ name: "ValidationException", status: 400 });
  });
});

describe("Throughput of a feature group", () => {
  const provisioned = {
    ThroughputConfig: {
      ThroughputMode: "Provisioned",
      ProvisionedReadCapacityUnits: 10,
      ProvisionedWriteCapacityUnits: 20,
    },
  } as const;
  const onDemand = { ThroughputConfig: { ThroughputMode: "OnDemand" } } as const;

  it("is on demand unless provisioned, with both units", async () => {
    await createOrders(setup);
    expect((await describeOrders()).ThroughputConfig).toEqual(onDemand.ThroughputConfig);

    await update(provisioned);

    expect((await describeOrders()).ThroughputConfig).toEqual(provisioned.ThroughputConfig);
    const { ProvisionedReadCapacityUnits: _, ...half } = provisioned.ThroughputConfig;
    expect(await errorOf(update({ ThroughputConfig: half }))).toMatchObject({ name: "ValidationException" });
    const tooMany = { ...provisioned.ThroughputConfig, ProvisionedReadCapacityUnits: 40_001 };
    expect(await errorOf(update({ ThroughputConfig: tooMany }))).toMatchObject({
      name: "ValidationException",
    });
  });

  it("is switched to on demand at most once in 24 hours", async () => {
    await admin(setup, "PUT", "clock", { nowMs: 1_000_000_000_000 });
    await createOrders(setup, provisioned);
    await update(onDemand);
    await update(provisioned);

    expect(await errorOf(update(onDemand))).toMatchObject({ name: "ValidationException" });
    await admin(setup, "PUT", "clock", { nowMs: 1_000_000_000_000 + 24 * 3_600_000 });
    await update(onDemand);
    expect((await describeOrders()).ThroughputConfig).toEqual(onDemand.ThroughputConfig);
  });

  it("is not provisioned for an in-memory group or one of Standard_V2", async () => {
    for (const StorageType of ["InMemory", "Standard_V2"] as const) {
      const OnlineStoreConfig = { EnableOnlineStore: true, StorageType };
      expect(await errorOf(createOrders(setup, { OnlineStoreConfig, ...provisioned }))).toMatchObject({
        name: "ValidationException",
      });
    }
  });
});

describe("Quotas of the account", () => {
  it("allow as many groups as the emulator is told, deleted ones not counted", async () => {
    setup = await startSetup({ maxGroups: 2 });
    await createOrders(setup, { FeatureGroupName: "a" });
    await createOrders(setup, { FeatureGroupName: "b" });

    expect(await errorOf(createOrders(setup, { FeatureGroupName: "c" }))).toMatchObject({
      name: "ResourceLimitExceeded",
      status: 400,
    });
  });

  it("allow four creations at once", async () => {
    setup = await startSetup({ creationDelayMs: 60_000 });
    for (const name of ["a", "b", "c", "d"])
      await createOrders(setup, {
        FeatureGroupName: name,
        OfflineStoreConfig: { S3StorageConfig: { S3Uri: "s3://bucket" } },
        RoleArn: ROLE_ARN,
      });

    expect(await errorOf(createOrders(setup, { FeatureGroupName: "e" }))).toMatchObject({
      name: "ResourceLimitExceeded",
    });
  });
});
