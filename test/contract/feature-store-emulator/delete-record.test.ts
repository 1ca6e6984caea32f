// Decides: what DeleteRecord promises, soft and hard, seen through the AWS SDK.
// Leaves to others: the marker rows of the offline store (offline-log.test.ts).
import {
  DeleteRecordCommand,
  type DeletionMode,
  ListRecordsCommand,
} from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createOrders, errorOf, getOrder, putOrder, type Setup, startSetup } from "./setup.ts";

const EARLIER = "2024-05-01T09:00:00Z";
const STORED = "2024-05-01T10:00:00Z";
const LATER = "2024-05-01T11:00:00Z";
const LATEST = "2024-05-01T12:00:00Z";

let setup: Setup;
beforeEach(async () => {
  setup = await startSetup();
  await createOrders(setup);
});
afterEach(() => setup.close());

function remove(
  DeletionMode: DeletionMode | undefined,
  EventTime: string,
  recordId = "c-1",
  on = setup,
): Promise<unknown> {
  return on.runtime.send(
    new DeleteRecordCommand({
      FeatureGroupName: "orders",
      RecordIdentifierValueAsString: recordId,
      EventTime,
      TargetStores: ["OnlineStore"],
      ...(DeletionMode && { DeletionMode }),
    }),
  );
}

async function listed(IncludeSoftDeletedRecords: boolean, on = setup): Promise<string[] | undefined> {
  const reply = await on.runtime.send(
    new ListRecordsCommand({ FeatureGroupName: "orders", IncludeSoftDeletedRecords }),
  );
  return reply.RecordIdentifiers;
}

describe("DeleteRecord, soft", () => {
  it("is the default, hides the record and keeps its identifier listable", async () => {
    await putOrder(setup, { event_time: STORED });
    await remove(undefined, LATER);

    expect(await getOrder(setup)).toBeUndefined();
    expect(await listed(false)).toEqual([]);
    expect(await listed(true)).toEqual(["c-1"]);
  });

  it.each([EARLIER, STORED])("succeeds at %s without deleting anything", async (eventTime) => {
    await putOrder(setup, { event_time: STORED });
    await remove("SoftDelete", eventTime);

    expect(await getOrder(setup)).toBeDefined();
  });

  it("keeps the tombstone when an older record arrives later", async () => {
    await putOrder(setup, { event_time: STORED });
    await remove("SoftDelete", LATEST);
    await putOrder(setup, { event_time: LATER });

    expect(await getOrder(setup)).toBeUndefined();
  });

  it("gives way to a newer record", async () => {
    await putOrder(setup, { event_time: STORED });
    await remove("SoftDelete", LATER);
    await putOrder(setup, { event_time: LATEST, count: "9" });

    expect((await getOrder(setup))?.count).toBe("9");
    expect(await listed(false)).toEqual(["c-1"]);
  });

  it("leaves nothing behind for a record that was never there, unless the open rule says so", async () => {
    const marking = await startSetup({ openRules: { softDeleteOfAbsent: "tombstone" } });
    await createOrders(marking);

    await remove("SoftDelete", LATER);
    await remove("SoftDelete", LATER, "c-1", marking);

    expect(await listed(true)).toEqual([]);
    expect(await listed(true, marking)).toEqual(["c-1"]);
    await marking.close();
  });
});

describe("DeleteRecord, hard", () => {
  it("removes the record and its identifier", async () => {
    await putOrder(setup, { event_time: STORED });
    await remove("HardDelete", LATER);

    expect(await getOrder(setup)).toBeUndefined();
    expect(await listed(true)).toEqual([]);
  });

  it("removes a tombstone dated before it", async () => {
    await putOrder(setup, { event_time: STORED });
    await remove("SoftDelete", LATER);
    await remove("HardDelete", "2024-05-01T11:00:00.001Z");

    expect(await listed(true)).toEqual([]);
  });

  it.each([EARLIER, STORED])(
    "refuses at %s with 400 ValidationError and deletes nothing",
    async (eventTime) => {
      await putOrder(setup, { event_time: STORED });

      expect(await errorOf(remove("HardDelete", eventTime))).toMatchObject({
        name: "ValidationError",
        status: 400,
      });
      expect(await getOrder(setup)).toBeDefined();
    },
  );

  it("lets an older record come back, for it leaves no tombstone", async () => {
    await putOrder(setup, { event_time: STORED });
    await remove("HardDelete", LATEST);
    await putOrder(setup, { event_time: EARLIER, count: "1" });

    expect((await getOrder(setup))?.count).toBe("1");
  });

  it("succeeds for a record that is not there", async () => {
    await remove("HardDelete", LATER, "nobody");

    expect(await listed(true)).toEqual([]);
  });
});

describe("DeleteRecord", () => {
  it("refuses a missing group, a bad event time and a missing one with 400 ValidationError", async () => {
    const missingGroup = setup.runtime.send(
      new DeleteRecordCommand({
        FeatureGroupName: "missing",
        RecordIdentifierValueAsString: "c-1",
        EventTime: LATER,
      }),
    );
    for (const call of [missingGroup, remove("SoftDelete", "yesterday"), remove("HardDelete", "")]) {
      expect(await errorOf(call)).toMatchObject({ name: "ValidationError", status: 400 });
    }
  });
});
