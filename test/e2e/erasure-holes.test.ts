// Each way in which a person might come back after their suppression, tried on the real stores: whatever was under way
// when it came, and whatever is done again after it.

import {
  type ChunkReference,
  type ChunkResult,
  type Ledger,
  listChunks,
  type Run,
  redriveChunks,
  startRefresh,
  writeChunk,
} from "@steward/core";
import { customerPurchases } from "@steward/features";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  aPause,
  erase,
  erasedIn,
  expectTheOthers,
  GROUP,
  holdTheDrain,
  NOW,
  OTHERS,
  onceAfter,
  openShop,
  PERSON,
  placesLeft,
  queueEmpty,
  readEverywhere,
  receiveChunk,
  reportOf,
  type Shop,
  startErasure,
  startJanuary,
  workersOutlived,
} from "../support/erasure-holes.ts";
import { orderFaults } from "../support/faults.ts";
import { methodsOf } from "../support/methods-of.ts";
import { makeStateDir, refresh, removeStateDir } from "../support/platform.ts";
import { until } from "../support/until.ts";

const PATIENCE_MS = 120_000;
const ONE_SUPPRESSED = { planned: OTHERS + 1, written: OTHERS, suppressed: 1 };
const WITHOUT_THE_PERSON = { ...ONE_SUPPRESSED, stores: { online: ONE_SUPPRESSED, hot: ONE_SUPPRESSED } };

let stateDir: string;
let shop: Shop;

beforeEach(() => {
  stateDir = makeStateDir();
});

afterEach(async () => {
  await shop.platform.close();
  await removeStateDir(stateDir);
});

describe("an erasure", { timeout: PATIENCE_MS }, () => {
  it("waits for a batch that had begun, and what that hands over late is refused, and goes", async () => {
    shop = await openShop(stateDir, PERSON);
    const { platform, entered } = shop;
    const computing = aPause();
    onceAfter(platform.ports.batchEngine, "compute", computing.stop);
    const late = await startRefresh(platform.ports, { group: GROUP, asOfMs: NOW, inputs: [] });
    await computing.reached;

    const erasure = await startErasure(platform, PERSON);
    await workersOutlived(shop, erasure);
    expect(entered).toContain("erasure: Await drain");
    expect(entered).not.toContain("erasure: Hard delete");
    computing.release();
    const refreshed = await platform.settled(late);
    const erased = await platform.settled(erasure);

    expect(refreshed).toMatchObject({ status: "succeeded", report: { counts: WITHOUT_THE_PERSON } });
    expect(reportOf(erased)).toMatchObject({ outcome: "certified", counts: { erased: 1 } });
    expect(erasedIn(erased, "offline")).toBe(2);
    expect(await placesLeft(platform, PERSON)).toEqual([]);
    await expectTheOthers(platform, "2026-02-01T00:00:00.000Z");
  });

  it("hides a first record that such a worker writes online, however long a computation goes on", async () => {
    shop = await openShop(stateDir, undefined, { settings: { workerLifeMs: 3_000 } });
    const { onlineStore } = shop.platform.ports;
    const running = await startJanuary(shop, PERSON);
    const worker = await aPausedWorker(running, { lifeMs: PATIENCE_MS });
    const drained = await holdTheDrain(shop.platform);
    const erasure = await startErasure(shop.platform, PERSON);
    await until("the erasure waits", () => shop.entered.includes("erasure: Await drain"));

    worker.release();

    expect(await worker.result).toEqual({ kind: "settled" });
    await until("it cannot be read", async () => {
      const [record] = await onlineStore.read(customerPurchases, [PERSON]);
      return record === undefined;
    });
    expect(shop.entered).not.toContain("erasure: Hard delete");
    await drained();
    await shop.platform.settled(running);
    expect(reportOf(await shop.platform.settled(erasure)).outcome).toBe("certified");
    expect(await placesLeft(shop.platform, PERSON)).toEqual([]);
  });

  it("lets nothing be read of what a worker writes that had read no suppression and wakes after it", async () => {
    shop = await openShop(stateDir);
    const { platform } = shop;
    const first = await startJanuary(shop, PERSON);
    expect(await write(await receiveChunk(platform, first))).toEqual({ kind: "settled" });
    await platform.settled(first);
    expect(await readEverywhere(platform, PERSON)).not.toContain(undefined);
    const running = await startRefresh(platform.ports, { group: GROUP, asOfMs: NOW, inputs: [] });
    const worker = await aPausedWorker(running, { lifeMs: PATIENCE_MS });
    const drained = await holdTheDrain(platform);
    const erasure = await startErasure(platform, PERSON);
    await until("the erasure waits", () => shop.entered.includes("erasure: Await drain"));

    worker.release();

    expect(await worker.result).toEqual({ kind: "settled" });
    const [chunk] = await listChunks(platform.ports.ledger, running);
    expect(chunk?.counts.hot).toMatchObject(ONE_SUPPRESSED);
    const { hotStore, onlineStore } = platform.ports;
    expect(await hotStore.read(customerPurchases, [pseudonymOf(PERSON)])).toEqual([undefined]);
    expect(await onlineStore.read(customerPurchases, [PERSON])).toEqual([undefined]);
    await drained();
    expect(await platform.settled(running)).toMatchObject({ status: "succeeded" });
    expect(reportOf(await platform.settled(erasure)).outcome).toBe("certified");
    expect(await placesLeft(platform, PERSON)).toEqual([]);
    await expectTheOthers(platform, "2026-02-01T00:00:00.000Z");
  });

  it("takes what such a worker writes of somebody who was in no store before", async () => {
    shop = await openShop(stateDir);
    const { platform } = shop;
    const running = await startJanuary(shop, PERSON);
    const worker = await aPausedWorker(running, { lifeMs: PATIENCE_MS });
    const erasure = await startErasure(platform, PERSON);
    await until("the erasure waits", () => shop.entered.includes("erasure: Await drain"));

    worker.release();

    expect(await worker.result).toEqual({ kind: "settled" });
    expect(await platform.settled(running)).toMatchObject({ status: "succeeded" });
    expect(reportOf(await platform.settled(erasure)).outcome).toBe("certified");
    expect(await placesLeft(platform, PERSON)).toEqual([]);
    await expectTheOthers(platform, "2026-01-20T00:00:00.000Z");
  });

  it("is not undone by a worker that wakes after all of it: it starts no call past its life", async () => {
    shop = await openShop(stateDir);
    const { platform } = shop;
    const running = await startJanuary(shop, PERSON);
    const worker = await aPausedWorker(running, { lifeMs: platform.ports.settings.workerLifeMs });
    platform.startWorkers(); // the message comes again, to another worker
    expect(await platform.settled(running)).toMatchObject({ status: "succeeded" });
    expect(await readEverywhere(platform, PERSON)).not.toContain(undefined);
    expect((await erase(platform, PERSON)).outcome).toBe("certified");

    worker.release();

    expect(await worker.result).toEqual({ kind: "retry", reason: "DeadlinePassed" });
    expect(await placesLeft(platform, PERSON)).toEqual([]);
    await expectTheOthers(platform, "2026-01-20T00:00:00.000Z");
  });

  it("is not undone by a chunk that is delivered again, before the drain is over or after all", async () => {
    shop = await openShop(stateDir);
    const { platform } = shop;
    const running = await startJanuary(shop, PERSON);
    const reference = await receiveChunk(platform, running);
    await expect(write(reference, { ledger: dyingBeforeItSettles() })).rejects.toThrow("killed");
    expect(await platform.ports.onlineStore.read(customerPurchases, [PERSON])).not.toEqual([undefined]);
    const erasure = await startErasure(platform, PERSON);
    await until("the erasure waits", () => shop.entered.includes("erasure: Await drain"));

    platform.startWorkers();

    const refreshed = await platform.settled(running);
    expect(refreshed).toMatchObject({ status: "succeeded", report: { counts: WITHOUT_THE_PERSON } });
    expect(reportOf(await platform.settled(erasure)).counts).toMatchObject({ erased: 1 });
    await platform.ports.chunkQueue.send([JSON.stringify(reference), JSON.stringify(reference)]);
    await queueEmpty(platform);
    expect(await write(reference)).toEqual({ kind: "stale" });
    expect(await placesLeft(platform, PERSON)).toEqual([]);
    await expectTheOthers(platform, "2026-01-20T00:00:00.000Z");
  });

  it("plans the chunks of dead letters again, without the person, since it took their staging", async () => {
    shop = await openShop(stateDir, PERSON, { settings: { chunkRecords: 10, maxReceives: 1 } });
    const { platform } = shop;
    await orderFaults(platform, { errorRate: 1 });
    const failed = await refresh(platform, GROUP, "2026-01-25");
    await until("3 dead letters", async () => (await platform.ports.chunkQueue.depth()).deadLetters === 3);
    await orderFaults(platform);
    const erased = await erase(platform, PERSON);
    expect(await platform.ports.objects.listVersions("staging/")).toEqual([]);

    const { letters, runs } = await redriveChunks(platform.ports);
    const redriven = await Promise.all(runs.map((run) => platform.settled(run)));

    expect(failed.error?.name).toBe("WriteFailedError");
    expect(erasedIn(erased, "staging")).toBe(1);
    expect(letters).toBe(3);
    expect(redriven).toMatchObject([
      { runId: failed.runId, status: "succeeded", attempt: 2, report: { counts: { planned: OTHERS } } },
    ]);
    await queueEmpty(platform);
    expect(await placesLeft(platform, PERSON)).toEqual([]);
    await expectTheOthers(platform, "2026-01-25T00:00:00.000Z");
  });
});

const pseudonymOf = (recordId: string): string =>
  shop.platform.ports.pseudonymiser.pseudonym("customer", recordId);

function write(
  reference: ChunkReference,
  { ledger, lifeMs = 60_000 }: { readonly ledger?: Ledger; readonly lifeMs?: number } = {},
): Promise<ChunkResult> {
  const { ports } = shop.platform;
  const deadlineMs = ports.timer.nowMs() + lifeMs;
  return writeChunk({ ...ports, ledger: ledger ?? ports.ledger }, reference, {
    deadlineMs,
    isLastDelivery: false,
  });
}

/** A worker that has received a chunk and read the suppressions, and then stands still. */
async function aPausedWorker(run: Run, { lifeMs }: { readonly lifeMs: number }) {
  const { ledger } = shop.platform.ports;
  const pause = aPause();
  const paused: Ledger = {
    ...methodsOf(ledger),
    async list(partition, prefix) {
      const items = await ledger.list(partition, prefix);
      if (partition.startsWith("suppressions#")) await pause.stop();
      return items;
    },
  };
  const result = write(await receiveChunk(shop.platform, run), { ledger: paused, lifeMs });
  await Promise.race([pause.reached, result]);
  return { result, release: pause.release };
}

/** The ledger of a worker that is killed once it has written to the stores. */
function dyingBeforeItSettles(): Ledger {
  const { ledger } = shop.platform.ports;
  return {
    ...methodsOf(ledger),
    async put(key, body, condition) {
      if (key.partition.startsWith("chunks#")) throw new Error("killed");
      return ledger.put(key, body, condition);
    },
  };
}
