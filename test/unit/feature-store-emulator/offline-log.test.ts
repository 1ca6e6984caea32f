// Decides: which rows wait for the offline store after which calls.
// Leaves to others: the online store (contract tests), and the files that are yet to be made of the rows.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteRecordCommand, PutRecordCommand } from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDatabase } from "../../../packages/feature-store-emulator/src/store/database.ts";
import {
  OfflineLog,
  type OfflineRow,
} from "../../../packages/feature-store-emulator/src/store/offline-log.ts";
import {
  anOrder,
  createOrdersWithOffline,
  errorOf,
  putOrder,
  type Setup,
  startSetup,
} from "../../contract/feature-store-emulator/setup.ts";

const NOW_MS = 1_714_600_000_000;
const AT_TEN = "2024-05-01T10:00:00Z";
const AT_ELEVEN = "2024-05-01T11:00:00Z";

describe("OfflineLog", () => {
  let stateDir: string;
  let setup: Setup;
  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), "feature-store-"));
    setup = await startSetup({ state: stateDir, now: () => NOW_MS });
    await createOrdersWithOffline(setup);
  });
  afterEach(() => rm(stateDir, { recursive: true }));

  async function rowsAfterClose(): Promise<OfflineRow[]> {
    await setup.close();
    const database = openDatabase(stateDir);
    const rows = [...new OfflineLog(database.sql).rows(1)];
    database.close();
    return rows;
  }
  const remove = (EventTime: string, changes: Partial<DeleteRecordCommand["input"]> = {}) =>
    setup.runtime.send(
      new DeleteRecordCommand({
        FeatureGroupName: "orders",
        RecordIdentifierValueAsString: "c-1",
        EventTime,
        ...changes,
      }),
    );

  it("gets every put in order of arrival, historic and repeated ones too", async () => {
    await putOrder(setup, { event_time: AT_ELEVEN, count: "1" });
    await putOrder(setup, { event_time: AT_TEN, count: "2" });
    await putOrder(setup, { event_time: AT_TEN, count: "2" });

    expect(await rowsAfterClose()).toEqual([
      { values: ["c-1", AT_ELEVEN, "1", null], apiInvocationMs: NOW_MS, isDeleted: false },
      { values: ["c-1", AT_TEN, "2", null], apiInvocationMs: NOW_MS, isDeleted: false },
      { values: ["c-1", AT_TEN, "2", null], apiInvocationMs: NOW_MS, isDeleted: false },
    ]);
  });

  it("gets nothing from a write to the online store alone, and all of one to itself alone", async () => {
    const put = (TargetStores: ("OnlineStore" | "OfflineStore")[]) =>
      setup.runtime.send(
        new PutRecordCommand({ FeatureGroupName: "orders", Record: anOrder(), TargetStores }),
      );
    await put(["OnlineStore"]);
    await put(["OfflineStore"]);
    await remove(AT_ELEVEN, { TargetStores: ["OnlineStore"] });

    expect(await rowsAfterClose()).toHaveLength(1);
  });

  it("gets a marker from a delete, even from a soft one that came too late", async () => {
    await putOrder(setup, { event_time: AT_ELEVEN });
    await remove(AT_TEN);
    await remove("2024-05-01T12:00:00Z", { DeletionMode: "HardDelete" });

    expect((await rowsAfterClose()).slice(1)).toEqual([
      { values: ["c-1", AT_TEN, null, null], apiInvocationMs: NOW_MS, isDeleted: true },
      { values: ["c-1", "2024-05-01T12:00:00Z", null, null], apiInvocationMs: NOW_MS, isDeleted: true },
    ]);
  });

  it("gets no marker from a hard delete that is refused", async () => {
    await putOrder(setup, { event_time: AT_ELEVEN });
    const error = await errorOf(remove(AT_TEN, { DeletionMode: "HardDelete" }));

    expect(error.name).toBe("ValidationError");
    expect(await rowsAfterClose()).toHaveLength(1);
  });
});
