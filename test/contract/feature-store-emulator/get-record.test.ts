// Decides: what GetRecord and BatchGetRecord promise, seen through the AWS SDK.
// Leaves to others: what was written and when it expires (put-record.test.ts, time-to-live.test.ts).
import {
  BatchGetRecordCommand,
  DeleteRecordCommand,
  GetRecordCommand,
} from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createOrders, errorOf, putOrder, ROLE_ARN, type Setup, startSetup } from "./setup.ts";

let setup: Setup;
beforeEach(async () => {
  setup = await startSetup();
  await createOrders(setup);
});
afterEach(() => setup.close());

describe("GetRecord", () => {
  const get = (RecordIdentifierValueAsString: string, FeatureNames?: string[], FeatureGroupName = "orders") =>
    setup.runtime.send(
      new GetRecordCommand({
        FeatureGroupName,
        RecordIdentifierValueAsString,
        ...(FeatureNames && { FeatureNames }),
      }),
    );

  it("answers an unknown identifier with 200 and no Record", async () => {
    const reply = await get("nobody");

    expect(reply.$metadata.httpStatusCode).toBe(200);
    expect(reply.Record).toBeUndefined();
  });

  it("returns only the features asked for, and leaves out those without a value", async () => {
    await putOrder(setup, { count: "3" });

    const reply = await get("c-1", ["total", "count"]);

    expect(reply.Record).toEqual([{ FeatureName: "count", ValueAsString: "3" }]);
  });

  it.each(["a b+c/d%e&f=g?h#i", "naïve-日本語-🎉", " leading", "null"])(
    "finds the identifier %j",
    async (recordId) => {
      await putOrder(setup, { customer_id: recordId });

      const reply = await get(recordId, ["customer_id"]);

      expect(reply.Record).toEqual([{ FeatureName: "customer_id", ValueAsString: recordId }]);
    },
  );

  it("finds the group by its ARN, and none by the ARN of another account", async () => {
    await putOrder(setup);
    const arn = (account: string) => `arn:aws:sagemaker:us-east-1:${account}:feature-group/orders`;

    expect((await get("c-1", undefined, arn("000000000000"))).Record).toBeDefined();
    expect((await errorOf(get("c-1", undefined, arn("111111111111")))).message).toMatch(
      /^Resource Not Found/,
    );
  });

  it("refuses an unknown feature, a missing group and an offline-only group with 400 ValidationError", async () => {
    await createOrders(setup, {
      FeatureGroupName: "offline-only",
      OnlineStoreConfig: { EnableOnlineStore: false },
      OfflineStoreConfig: { S3StorageConfig: { S3Uri: "s3://bucket" } },
      RoleArn: ROLE_ARN,
    });

    for (const call of [
      get("c-1", ["colour"]),
      get("c-1", undefined, "missing"),
      get("c-1", undefined, "offline-only"),
    ]) {
      expect(await errorOf(call)).toMatchObject({ name: "ValidationError", status: 400 });
    }
  });
});

describe("BatchGetRecord", () => {
  it("returns what is there, in the order asked, and leaves out what is absent or deleted", async () => {
    for (const customer_id of ["a", "b", "c"]) await putOrder(setup, { customer_id });
    await setup.runtime.send(
      new DeleteRecordCommand({
        FeatureGroupName: "orders",
        RecordIdentifierValueAsString: "b",
        EventTime: "2024-05-02T00:00:00Z",
      }),
    );

    const reply = await setup.runtime.send(
      new BatchGetRecordCommand({
        Identifiers: [
          {
            FeatureGroupName: "orders",
            RecordIdentifiersValueAsString: ["c", "b", "nobody", "a"],
            FeatureNames: ["customer_id"],
          },
        ],
      }),
    );

    expect(reply.Records).toEqual([
      {
        FeatureGroupName: "orders",
        RecordIdentifierValueAsString: "c",
        Record: [{ FeatureName: "customer_id", ValueAsString: "c" }],
      },
      {
        FeatureGroupName: "orders",
        RecordIdentifierValueAsString: "a",
        Record: [{ FeatureName: "customer_id", ValueAsString: "a" }],
      },
    ]);
    expect(reply).toMatchObject({ Errors: [], UnprocessedIdentifiers: [] });
  });

  it("reports what cannot be asked as Errors, beside the records that can", async () => {
    await putOrder(setup);

    const reply = await setup.runtime.send(
      new BatchGetRecordCommand({
        Identifiers: [
          { FeatureGroupName: "missing", RecordIdentifiersValueAsString: ["x"] },
          { FeatureGroupName: "orders", RecordIdentifiersValueAsString: ["c-1"] },
        ],
      }),
    );

    expect(reply.Errors).toMatchObject([
      { FeatureGroupName: "missing", RecordIdentifierValueAsString: "x", ErrorCode: "ValidationError" },
    ]);
    expect(reply.Records).toHaveLength(1);
  });

  it("refuses more than 100 records in a call", async () => {
    const ids = Array.from({ length: 51 }, (_, i) => `c-${i}`);
    const Identifiers = [1, 2].map(() => ({
      FeatureGroupName: "orders",
      RecordIdentifiersValueAsString: ids,
    }));

    const call = setup.runtime.send(new BatchGetRecordCommand({ Identifiers }));

    expect(await errorOf(call)).toMatchObject({ name: "ValidationError", status: 400 });
  });
});
