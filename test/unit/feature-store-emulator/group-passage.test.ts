// Decides: that the deletion of a group leaves none of its records on disk, even when it was interrupted.
// Leaves to others: what callers see meanwhile (feature-groups.test.ts).
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteFeatureGroupCommand } from "@aws-sdk/client-sagemaker";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openDatabase } from "../../../packages/feature-store-emulator/src/store/database.ts";
import { createOrders, putOrder, startSetup, statusOf } from "../../contract/feature-store-emulator/setup.ts";

describe("startDeletion", () => {
  let stateDir: string;
  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), "feature-store-"));
    const setup = await startSetup({ state: stateDir });
    await createOrders(setup);
    await createOrders(setup, { FeatureGroupName: "others" });
    await putOrder(setup);
    await setup.close();
    insertRecords(4_500);
  });
  afterEach(() => rm(stateDir, { recursive: true }));

  /** Straight into the tables: record ids 1 to `count` of the first group, and one of the second. */
  function insertRecords(count: number): void {
    withDatabase((sql) => {
      sql.exec(`
        INSERT INTO records WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
        SELECT 1, 'id-' || i, 0, 0, NULL, 0, '[]' FROM n`);
      sql.exec("INSERT INTO records VALUES (2, 'kept', 0, 0, NULL, 0, '[]')");
    });
  }

  function withDatabase<T>(work: (sql: ReturnType<typeof openDatabase>["sql"]) => T): T {
    const database = openDatabase(stateDir);
    const result = work(database.sql);
    database.close();
    return result;
  }

  const recordsLeft = () =>
    withDatabase((sql) => sql.prepare("SELECT group_id, record_id FROM records").all());

  it("removes every record of the group, slice by slice, and none of another", async () => {
    const setup = await startSetup({ state: stateDir });

    await setup.control.send(new DeleteFeatureGroupCommand({ FeatureGroupName: "orders" }));
    await vi.waitUntil(async () => (await statusOf(setup)) === undefined, { timeout: 10_000 });
    await setup.close();

    expect(recordsLeft()).toEqual([{ group_id: 2, record_id: "kept" }]);
  });

  it("is taken up at the next start when it was interrupted", async () => {
    withDatabase((sql) => sql.exec("UPDATE feature_groups SET status = 'Deleting' WHERE name = 'orders'"));

    const setup = await startSetup({ state: stateDir });
    await vi.waitUntil(async () => (await statusOf(setup)) === undefined, { timeout: 10_000 });
    await setup.close();

    expect(recordsLeft()).toEqual([{ group_id: 2, record_id: "kept" }]);
  });
});
