// Decides: which files the rows that wait for the offline store become, when, and that a kill or a refusal doubles none.
// Leaves to others: which rows wait (unit/feature-store-emulator/offline-log.test.ts).
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DeleteFeatureGroupCommand, DescribeFeatureGroupCommand } from "@aws-sdk/client-sagemaker";
import { DeleteRecordCommand } from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { DuckDBInstance } from "@duckdb/node-api";
import { asyncBufferFromFile, parquetMetadataAsync } from "hyparquet";
import { folderSink, type OfflineSink } from "steward-feature-store";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { killHard, startCommand } from "./process.ts";
import {
  admin,
  connect,
  createOrders,
  createOrdersWithOffline,
  putOrder,
  ROLE_ARN,
  type Setup,
  startSetup,
  statusOf,
} from "./setup.ts";

const NOW_MS = Date.UTC(2024, 4, 1, 12);
const LONG_MS = 600_000;
const FILE = /^year=(\d{4})\/month=(\d\d)\/day=(\d\d)\/hour=(\d\d)\/\d{8}T\d{6}Z_[A-Za-z0-9]{16}\.parquet$/;

let folder: string;
let setup: Setup;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "offline-flush-"));
});
afterEach(async () => {
  await setup.close();
  await rm(folder, { recursive: true });
});

async function start(offlineDelayMs = LONG_MS, offlineSink: OfflineSink = folderSink(join(folder, "s3"))) {
  setup = await startSetup({
    state: join(folder, "state"),
    now: () => NOW_MS,
    offlineDelayMs,
    offlineSink,
  });
}

const flush = () => admin(setup, "POST", "offline-buffer/flush");
const waiting = () => admin(setup, "GET", "offline-buffer");

/** Files below the group's data path, by their path from there. */
async function listData(): Promise<readonly string[]> {
  const entries = await readdir(join(folder, "s3"), { recursive: true }).catch(() => []);
  return entries
    .filter((path) => path.endsWith(".parquet"))
    .map((path) => path.replace(/^.*\/data\//, ""))
    .sort();
}

/** Every row of the offline store as DuckDB reads it, by identifier and event time. */
async function readRows(columns = "customer_id, event_time, count, total, is_deleted") {
  const connection = await (await DuckDBInstance.create()).connect();
  const files = `read_parquet('${join(folder, "s3")}/**/*.parquet', hive_partitioning = false)`;
  const reader = await connection.runAndReadAll(`SELECT ${columns} FROM ${files} ORDER BY ALL`);
  connection.closeSync();
  return reader.getRowsJson();
}

describe("the offline flush", () => {
  it("writes rows by the hour of their event time, named by their latest, where DescribeFeatureGroup says", async () => {
    await start();
    await createOrdersWithOffline(setup);
    await putOrder(setup, { event_time: "2024-05-01T10:00:00Z" });
    await putOrder(setup, { event_time: "2024-05-01T10:59:59.999Z", customer_id: "c-2" });
    await putOrder(setup, { event_time: "1969-12-31T23:00:00Z", customer_id: "c-3" });

    await flush();

    const { OfflineStoreConfig } = await setup.control.send(
      new DescribeFeatureGroupCommand({ FeatureGroupName: "orders" }),
    );
    const uri = OfflineStoreConfig?.S3StorageConfig?.ResolvedOutputS3Uri ?? "";
    const files = await listData();
    expect(files.map((file) => FILE.exec(file)?.slice(1).join("-"))).toEqual([
      "1969-12-31-23",
      "2024-05-01-10",
    ]);
    expect(files[1]).toContain("/20240501T105959Z_");
    await expect(
      readFile(join(folder, "s3", uri.replace("s3://", ""), files[0] ?? "")),
    ).resolves.toBeInstanceOf(Buffer);
  });

  it("gives each column the group's type, absent values as NULL, and AWS's three columns beside them", async () => {
    await start();
    await createOrdersWithOffline(setup);
    await putOrder(setup, { count: "-9007199254740993", total: "1e-3" });
    await putOrder(setup, { customer_id: "é😀", count: undefined });
    await setup.runtime.send(
      new DeleteRecordCommand({
        FeatureGroupName: "orders",
        RecordIdentifierValueAsString: "gone",
        EventTime: "2024-05-01T10:30:00Z",
      }),
    );

    await flush();

    expect(await readRows()).toEqual([
      ["c-1", "2024-05-01T10:00:00Z", "-9007199254740993", 0.001, false],
      ["gone", "2024-05-01T10:30:00Z", null, null, true],
      ["é😀", "2024-05-01T10:00:00Z", null, null, false],
    ]);
    expect(await readRows("DISTINCT epoch_ms(write_time), epoch_ms(api_invocation_time)")).toEqual([
      [String(NOW_MS), String(NOW_MS)],
    ]);
    const [file = ""] = await readdir(join(folder, "s3"), { recursive: true }).then((paths) =>
      paths.filter((path) => path.endsWith(".parquet")),
    );
    const { schema } = await parquetMetadataAsync(await asyncBufferFromFile(join(folder, "s3", file)));
    expect(schema.slice(1).map(({ name, type, converted_type }) => [name, type, converted_type])).toEqual([
      ["customer_id", "BYTE_ARRAY", "UTF8"],
      ["event_time", "BYTE_ARRAY", "UTF8"],
      ["count", "INT64", undefined],
      ["total", "DOUBLE", undefined],
      ["write_time", "INT64", "TIMESTAMP_MILLIS"],
      ["api_invocation_time", "INT64", "TIMESTAMP_MILLIS"],
      ["is_deleted", "BOOLEAN", undefined],
    ]);
  });

  it("leaves rows where they are until the delay has passed, and none afterwards", async () => {
    await start(300);
    await createOrdersWithOffline(setup);

    await putOrder(setup);

    expect(await waiting()).toEqual({ rows: 1, delayMs: 300 });
    expect(await listData()).toEqual([]);
    await expect.poll(waiting, { timeout: 10_000 }).toEqual({ rows: 0, delayMs: 300 });
    expect(await listData()).toHaveLength(1);
  });

  it("lets rows wait for a clock that is driven, and not for real time, until it is past the delay or let go", async () => {
    await start(200);
    const drive = (nowMs: number | null) => admin(setup, "PUT", "clock", { nowMs });
    await drive(NOW_MS);
    await createOrdersWithOffline(setup);
    await putOrder(setup);
    await drive(NOW_MS + 199);
    await putOrder(setup, { customer_id: "c-2" });
    await sleep(500);

    expect(await waiting()).toMatchObject({ rows: 2 });
    expect(await listData()).toEqual([]);

    await drive(NOW_MS + 200);
    await vi.waitFor(async () => expect(await waiting()).toMatchObject({ rows: 0 }), 5_000);
    expect(await readRows("customer_id")).toEqual([["c-1"], ["c-2"]]);

    await putOrder(setup, { customer_id: "c-3" });
    await drive(null);
    await vi.waitFor(async () => expect(await waiting()).toMatchObject({ rows: 0 }), 5_000);
  });

  it("flushes what waits when the emulator is closed, so that nothing is left in its database", async () => {
    await start();
    await createOrdersWithOffline(setup);
    await putOrder(setup);

    await setup.close();
    await start();

    expect(await waiting()).toMatchObject({ rows: 0 });
    expect(await readRows("customer_id")).toEqual([["c-1"]]);
  });

  it("keeps the rows when their file is refused, and makes the same file again", async () => {
    const refused: string[] = [];
    const sink = folderSink(join(folder, "s3"));
    let isBroken = true;
    await start(LONG_MS, {
      async put(uri, bytes) {
        await sink.put(uri, bytes);
        if (!isBroken) return;
        refused.push(uri);
        throw new Error("the disk is full");
      },
    });
    await createOrdersWithOffline(setup);
    await putOrder(setup);

    await flush();
    const before = await listData();
    await putOrder(setup, { customer_id: "c-2" });
    isBroken = false;
    await flush();

    expect(refused).toHaveLength(1);
    expect(await waiting()).toMatchObject({ rows: 0 });
    expect(before).toHaveLength(1);
    expect(await listData()).toEqual(expect.arrayContaining([...before]));
    expect(await readRows("customer_id")).toEqual([["c-1"], ["c-2"]]);
  });

  it("does not double rows when it is killed between a file and the end of its rows", async () => {
    const stateDir = join(folder, "state");
    const running = await startCommand(stateDir, [
      "--offline-delay",
      "1",
      "--offline-dir",
      join(folder, "s3"),
    ]);
    const first = connect(running.url);
    await createOrdersWithOffline(first);
    let count = 0;
    const writing = (async () => {
      for (; count < 10_000; count += 1)
        await putOrder({ ...setupOf(running.url), ...first }, { customer_id: `c-${count}` });
    })().catch(() => {});
    await expect
      .poll(async () => (await listData()).length, { timeout: 10_000, interval: 5 })
      .toBeGreaterThan(3);
    await killHard(running);
    await writing;

    await start();
    await flush();

    const rows = await readRows("customer_id");
    expect(new Set(rows.map(String)).size).toBe(rows.length);
    expect(rows.length).toBeGreaterThanOrEqual(count);
    expect(rows.length).toBeLessThanOrEqual(count + 1); // one was accepted and not acknowledged
  });

  it("flushes the rows of a group that was deleted meanwhile", async () => {
    await start();
    await createOrdersWithOffline(setup);
    await putOrder(setup);
    await setup.control.send(new DeleteFeatureGroupCommand({ FeatureGroupName: "orders" }));
    await expect.poll(() => statusOf(setup)).toBeUndefined();

    await flush();

    expect(await readRows("customer_id")).toEqual([["c-1"]]);
  });

  it("lets the rows of an Iceberg table wait", async () => {
    await start();
    await createOrders(setup, {
      OfflineStoreConfig: { S3StorageConfig: { S3Uri: "s3://bucket/prefix" }, TableFormat: "Iceberg" },
      RoleArn: ROLE_ARN,
    });
    await putOrder(setup);

    await flush();

    expect(await waiting()).toMatchObject({ rows: 1 });
    expect(await listData()).toEqual([]);
  });

  it("puts no file outside its folder, whatever URI a group names", async () => {
    await start();
    await createOrders(setup, {
      OfflineStoreConfig: { S3StorageConfig: { S3Uri: "s3://bucket/../../../../escaped" } },
      RoleArn: ROLE_ARN,
    });
    await putOrder(setup);

    await flush();

    expect(await waiting()).toMatchObject({ rows: 1 });
    expect(await readdir(folder)).toEqual(["state"]);
  });
});

function setupOf(url: string): Setup {
  return { url, ...connect(url), close: async () => {} };
}
