// Decides: that no acknowledged write is lost by a SIGKILL, online or offline, and none is there twice.
// Leaves to others: a kill between the steps of a flush (offline-flush.test.ts).
import { join } from "node:path";
import { BatchWriteRecordCommand, paginateListRecords } from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seededRandom } from "../../../features/seeded-random.ts";
import { makeTemporaryFolder, removeFolder } from "../support/temporary-folder.ts";
import { killHard, type RunningCommand, startCommand } from "./process.ts";
import { admin, anOrder, connect, createOrdersWithOffline, type Setup } from "./setup.ts";

const KILLS = 20;
const SEED = 20_261_125;
const WRITERS = 4;
const ENTRIES = 25;
/** Short, so that kills come into the middle of flushes as well. */
const OFFLINE_DELAY_MS = 40;
/** A load runs so long before its kill, at least and at most. */
const [LEAST_MS, MOST_MS] = [20, 220];

let folder: string;
let running: RunningCommand | undefined;
beforeEach(() => {
  folder = makeTemporaryFolder();
});
afterEach(async () => {
  if (running !== undefined) await killHard(running);
  running = undefined;
  removeFolder(folder);
});

async function start(): Promise<Pick<Setup, "url" | "runtime" | "control">> {
  const flags = ["--offline-dir", join(folder, "s3"), "--offline-delay", String(OFFLINE_DELAY_MS)];
  running = await startCommand(join(folder, "state"), flags);
  return { url: running.url, ...connect(running.url) };
}

/** Writers at work until the emulator is killed. Returns what was acknowledged. */
async function writeUntilKilled(
  setup: Pick<Setup, "runtime">,
  prefix: string,
  killAfterMs: number,
): Promise<string[]> {
  const acknowledged: string[] = [];
  let next = 0;
  const write = async (): Promise<void> => {
    for (;;) {
      const ids = Array.from({ length: ENTRIES }, () => `${prefix}-${next++}`);
      const Entries = ids.map((customer_id) => ({
        FeatureGroupName: "orders",
        Record: anOrder({ customer_id }),
      }));
      await setup.runtime.send(new BatchWriteRecordCommand({ Entries }));
      acknowledged.push(...ids);
    }
  };
  const writers = Promise.allSettled(Array.from({ length: WRITERS }, write));
  await new Promise((resolve) => setTimeout(resolve, killAfterMs));
  if (running !== undefined) await killHard(running);
  await writers;
  return acknowledged;
}

async function listOnline(setup: Pick<Setup, "runtime">): Promise<Set<string>> {
  const found = new Set<string>();
  const pages = paginateListRecords(
    { client: setup.runtime },
    { FeatureGroupName: "orders", MaxResults: 100 },
  );
  for await (const page of pages) for (const recordId of page.RecordIdentifiers ?? []) found.add(recordId);
  return found;
}

/** How often each identifier is in the offline files, which another reader reads. */
async function countOffline(): Promise<ReadonlyMap<string, number>> {
  const connection = await (await DuckDBInstance.create()).connect();
  const files = `read_parquet('${join(folder, "s3")}/**/*.parquet', hive_partitioning = false)`;
  const reader = await connection.runAndReadAll(`SELECT customer_id, count(*) FROM ${files} GROUP BY 1`);
  connection.closeSync();
  return new Map(reader.getRows().map(([id, times]) => [String(id), Number(times)]));
}

describe(`${KILLS} SIGKILLs in the middle of BatchWriteRecord, seed ${SEED}`, () => {
  it("lose no acknowledged record, online or offline after the flush, and write none offline twice", async () => {
    let setup = await start();
    await createOrdersWithOffline(setup);
    const random = seededRandom(SEED);
    const acknowledged: string[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const afterMs = LEAST_MS + random() * (MOST_MS - LEAST_MS);
      acknowledged.push(...(await writeUntilKilled(setup, `k${kill}`, afterMs)));
      setup = await start();
    }
    const online = await listOnline(setup);
    const buffer = await admin(setup, "POST", "offline-buffer/flush");
    const offline = await countOffline();

    expect(acknowledged.length).toBeGreaterThan(KILLS * ENTRIES);
    expect(acknowledged.filter((recordId) => !online.has(recordId))).toEqual([]);
    expect(buffer).toMatchObject({ rows: 0 });
    // What was written and not yet acknowledged is there as well, in both stores or in neither.
    expect([...offline.keys()].filter((recordId) => !online.has(recordId))).toEqual([]);
    expect([...online].filter((recordId) => offline.get(recordId) !== 1)).toEqual([]);
  }, 120_000);
});
