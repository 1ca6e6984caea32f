// Decides: when a record expires and how that shows, seen through the AWS SDK.
// Leaves to others: the arithmetic of units (unit tests), lists (list-records.test.ts).
import { UpdateFeatureGroupCommand } from "@aws-sdk/client-sagemaker";
import {
  GetRecordCommand,
  PutRecordCommand,
  type TtlDuration,
} from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openDatabase } from "../../../packages/feature-store-emulator/src/store/database.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";
import {
  admin,
  anOrder,
  createOrders,
  createOrdersWithOffline,
  errorOf,
  getOrder,
  putOrder,
  ROLE_ARN,
  readOfflineRows,
  type Setup,
  startSetup,
} from "./setup.ts";

const EVENT_MS = Date.parse("2024-05-01T10:00:00Z");
const HOUR_MS = 3_600_000;

describe("TtlDuration", () => {
  let setup: Setup;
  let nowMs: number;
  beforeEach(async () => {
    nowMs = EVENT_MS;
    setup = await startSetup({ now: () => nowMs });
    await createOrders(setup, {
      OnlineStoreConfig: { EnableOnlineStore: true, TtlDuration: { Unit: "Hours", Value: 2 } },
    });
  });
  afterEach(() => setup.close());
  const put = (TtlDuration: TtlDuration, features = {}) =>
    setup.runtime.send(
      new PutRecordCommand({ FeatureGroupName: "orders", Record: anOrder(features), TtlDuration }),
    );

  it("hides a record from the very instant it expires: event time plus the group's default", async () => {
    await putOrder(setup);

    nowMs = EVENT_MS + 2 * HOUR_MS - 1;
    const before = await getOrder(setup);
    nowMs = EVENT_MS + 2 * HOUR_MS;
    const after = await getOrder(setup);

    expect(before).toBeDefined();
    expect(after).toBeUndefined();
  });

  it("counts from the event time, not from the write", async () => {
    nowMs = EVENT_MS + 3 * HOUR_MS;
    await putOrder(setup);

    expect(await getOrder(setup)).toBeUndefined();
  });

  it("takes that of the record before that of the group", async () => {
    await put({ Unit: "Hours", Value: 1 });

    nowMs = EVENT_MS + HOUR_MS;

    expect(await getOrder(setup)).toBeUndefined();
  });

  it("shows ExpiresAt only when it is asked for", async () => {
    await putOrder(setup, { event_time: "2024-05-01T10:00:00.250Z" });
    const get = (ExpirationTimeResponse?: "Enabled" | "Disabled") =>
      setup.runtime.send(
        new GetRecordCommand({
          FeatureGroupName: "orders",
          RecordIdentifierValueAsString: "c-1",
          ...(ExpirationTimeResponse && { ExpirationTimeResponse }),
        }),
      );

    expect((await get("Enabled")).ExpiresAt).toBe("2024-05-01T12:00:00.250Z");
    expect((await get("Disabled")).ExpiresAt).toBeUndefined();
    expect((await get()).ExpiresAt).toBeUndefined();
  });

  it("leaves written records alone when the group's default changes or goes", async () => {
    await putOrder(setup, { customer_id: "before" });
    await setup.control.send(
      new UpdateFeatureGroupCommand({
        FeatureGroupName: "orders",
        OnlineStoreConfig: { TtlDuration: { Unit: undefined, Value: undefined } },
      }),
    );
    await putOrder(setup, { customer_id: "after" });

    nowMs = EVENT_MS + 2 * HOUR_MS;

    expect(await getOrder(setup, "before")).toBeUndefined();
    expect(await getOrder(setup, "after")).toBeDefined();
  });

  it("still outranks an older record once it has expired", async () => {
    await put({ Unit: "Seconds", Value: 1 });
    nowMs = EVENT_MS + HOUR_MS;
    await put({ Unit: "Weeks", Value: 1 }, { event_time: "2024-05-01T09:00:00Z" });

    expect(await getOrder(setup)).toBeUndefined();
  });

  it("takes what has expired away after a while, and leaves a marker of it offline", async () => {
    const state = makeTemporaryFolder();
    const purging = await startSetup({ state, expiryDelayMs: 60_000 });
    await admin(purging, "PUT", "clock", { nowMs: Date.parse("2024-05-01T10:00:00Z") });
    await createOrdersWithOffline(purging);
    const put = (id: string, TtlDuration?: TtlDuration) =>
      purging.runtime.send(
        new PutRecordCommand({
          FeatureGroupName: "orders",
          Record: anOrder({ customer_id: id }),
          TargetStores: ["OnlineStore"],
          ...(TtlDuration !== undefined && { TtlDuration }),
        }),
      );
    await put("brief", { Unit: "Minutes", Value: 1 });
    await put("longer", { Unit: "Minutes", Value: 3 });
    await put("for-ever");
    await admin(purging, "PUT", "clock", { nowMs: Date.parse("2024-05-01T10:02:00Z") });
    const waiting = () => admin(purging, "GET", "offline-buffer");
    await vi.waitFor(async () => expect(await waiting()).toMatchObject({ rows: 1 }), 5_000);
    await purging.close();

    const database = openDatabase(state);
    const kept = database.sql.prepare("SELECT record_id FROM records ORDER BY 1").all();
    database.close();
    const rows = readOfflineRows(state);
    removeFolder(state);

    expect(kept).toEqual([{ record_id: "for-ever" }, { record_id: "longer" }]);
    expect(rows).toMatchObject([{ isDeleted: true, values: ["brief", "2024-05-01T10:00:00Z", null, null] }]);
  });

  it("is refused without an online store, below one, and by half", async () => {
    await createOrders(setup, {
      FeatureGroupName: "offline-only",
      OnlineStoreConfig: { EnableOnlineStore: false },
      OfflineStoreConfig: { S3StorageConfig: { S3Uri: "s3://bucket" } },
      RoleArn: ROLE_ARN,
    });
    const offlineOnly = setup.runtime.send(
      new PutRecordCommand({
        FeatureGroupName: "offline-only",
        Record: anOrder(),
        TtlDuration: { Unit: "Days", Value: 1 },
      }),
    );

    for (const call of [
      offlineOnly,
      put({ Unit: "Days", Value: 0 }),
      put({ Unit: "Days", Value: undefined }),
    ]) {
      expect(await errorOf(call)).toMatchObject({ name: "ValidationError", status: 400 });
    }
  });
});
