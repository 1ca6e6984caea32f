import {
  cancelRun,
  findHolder,
  findWatermark,
  getPlace,
  getRun,
  isBalanced,
  listChunks,
  listOfflineFiles,
  type Run,
  redriveChunks,
  resumeRun,
  startRefresh,
} from "@steward/core";
import { customerPurchases } from "@steward/features";
import type { RunAnswer } from "@steward/functions/_runtime/api-schemas.ts";
import type { Platform, PlatformOptions } from "@steward/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { serveApi } from "../support/api.ts";
import { orderFaults } from "../support/faults.ts";
import {
  at,
  exportRows,
  makeStateDir,
  openTestPlatform,
  refresh,
  removeStateDir,
} from "../support/platform.ts";
import { purchasesOf, writeCsv } from "../support/purchase-files.ts";
import { until } from "../support/until.ts";

const GROUP = "customer-purchases";
const LEASE = { workflow: "refresh", group: GROUP };
const WRITING = "Await writes";

let stateDir: string;
let platform: Platform;

beforeEach(() => {
  stateDir = makeStateDir();
});

afterEach(async () => {
  await platform.close();
  await removeStateDir(stateDir);
});

describe("the lease of a group", () => {
  it("lets one run work on it, names that run to a second, and lets another group go on", async () => {
    const entered = await open();
    const first = await start("1997-10-01", file(40), 8);
    await until("the first run writes", () => entered.includes(WRITING));

    const second = await refresh(platform, GROUP, "1997-10-02");
    const other = await refresh(platform, "customer-loyalty", "1997-10-02");

    expect(await getRun(platform.ports.ledger, first.runId)).toMatchObject({ status: "running" });
    expect(second).toMatchObject({ status: "failed", error: { name: "LeaseHeldError" } });
    expect(second.error?.message).toContain(`run ${first.runId} is at work on group "${GROUP}"`);
    expect(other).toMatchObject({ status: "succeeded", report: { counts: { planned: 40 } } });

    expect(await platform.settled(first)).toMatchObject({ status: "succeeded" });
    expect(await refresh(platform, GROUP, "1997-10-02")).toMatchObject({ status: "succeeded" });
  });
});

describe("a refresh whose Redis is killed while it writes", () => {
  it.for(["resumed", "redriven", "redriven over HTTP"] as const)(
    "fails within 30 s with a plain error and no watermark, and ends well once it is %s",
    async (how) => {
      await open({ settings: { chunkRecords: 50 } });
      const run = await start("1997-10-01", file(200), 200);
      await until("a chunk is settled", async () =>
        (await listChunks(platform.ports.ledger, run)).some(({ status }) => status === "settled"),
      );
      const startMs = performance.now();

      process.kill(platform.services.redis.pid ?? 0, "SIGKILL");
      const failed = await platform.settled(run);

      expect(performance.now() - startMs).toBeLessThan(30_000);
      expect(failed).toMatchObject({ status: "failed", error: { name: "WriteFailedError" } });
      expect(failed.error?.message).toMatch(
        /^[123] of 4 chunks could not be written \(UnavailableError\) and wait in the dead letters.*: .*`steward redrive`$/,
      );
      expect(await findWatermark(platform.ports.ledger, GROUP)).toBeUndefined();

      await platform.close();
      await open();
      const again =
        how === "resumed"
          ? await resumeRun(platform.ports, run.runId)
          : await (how === "redriven" ? redriveOne() : redriveOverHttp());

      expect(await platform.settled(again)).toMatchObject({
        status: "succeeded",
        attempt: how === "resumed" ? 2 : 1,
        report: { counts: { planned: 200, written: 200, failed: 0 } },
      });
      await expectEqualStores(200);
    },
  );
});

describe("a refresh of 200 chunks whose Redis is killed", () => {
  it("fails within 30 s all the same, and a redrive writes the chunks that were given up", async () => {
    await open({ settings: { chunkRecords: 2 } });
    const run = await start("1997-10-01", file(400), 100);
    await until("a chunk is settled", async () =>
      (await listChunks(platform.ports.ledger, run)).some(({ status }) => status === "settled"),
    );
    const startMs = performance.now();

    process.kill(platform.services.redis.pid ?? 0, "SIGKILL");
    const failed = await platform.settled(run);

    expect(performance.now() - startMs).toBeLessThan(30_000);
    expect(failed).toMatchObject({ status: "failed", error: { name: "WriteFailedError" } });
    expect(failed.error?.message).toMatch(
      /^\d+ of 200 chunks were given up because a store could not be reached/,
    );

    await platform.close();
    await open();

    expect(await platform.settled(await redriveOne())).toMatchObject({
      status: "succeeded",
      attempt: 1,
      report: { counts: { planned: 400, written: 400, failed: 0 } },
    });
    await expectEqualStores(400);
  });
});

describe("a refresh over an online store in trouble", () => {
  it("succeeds through throttles, partial batches and 500s, with every record counted once", async () => {
    await open();
    await orderFaults(platform, { throttleRate: 0.3, errorRate: 0.1, partialBatchRate: 0.2 });

    const run = await refresh(platform, GROUP, "1997-10-01", [file(2_000)]);
    await orderFaults(platform);

    const report = run.report as unknown as { counts: Parameters<typeof isBalanced>[0] & { stores: object } };
    expect(run).toMatchObject({ status: "succeeded" });
    expect(report.counts).toMatchObject({ planned: 2_000, written: 2_000, failed: 0 });
    for (const counts of [report.counts, ...Object.values(report.counts.stores)])
      expect(isBalanced(counts)).toBe(true);
    await expectEqualStores(2_000);
  });

  it("fails by its chunks when the trouble lasts, keeps them as dead letters, and is redriven afterwards", async () => {
    await open({ settings: { chunkRecords: 20, maxReceives: 1 } });
    await orderFaults(platform, { errorRate: 1 });

    const failed = await refresh(platform, GROUP, "1997-10-01", [file(50)]);
    const { deadLetters } = await until("three dead letters", async () => {
      const depth = await platform.ports.chunkQueue.depth();
      return depth.deadLetters === 3 && depth;
    });

    expect(failed).toMatchObject({
      status: "failed",
      error: { name: "WriteFailedError" },
      report: { counts: { planned: 50, written: 0, failed: 50, stores: { offline: { written: 50 } } } },
    });
    expect(
      (await listChunks(platform.ports.ledger, failed)).map(({ status, reason }) => [status, reason]),
    ).toEqual(Array.from({ length: 3 }, () => ["failed", "Throttled"]));
    expect(deadLetters).toBe(3);

    await orderFaults(platform);
    const redriven = await platform.settled(await redriveOne());

    expect(redriven).toMatchObject({
      status: "succeeded",
      report: { counts: { planned: 50, written: 50, failed: 0 } },
    });
    expect(await platform.ports.chunkQueue.depth()).toEqual({ ready: 0, inFlight: 0, deadLetters: 0 });
    await expectEqualStores(50);
  });

  it("is not failed again by a message of its failed delivery that becomes a dead letter after the redrive", async () => {
    await open({ settings: { maxReceives: 1 } });
    await orderFaults(platform, { errorRate: 1 });
    const failed = await refresh(platform, GROUP, "1997-10-01", [file(10)]);
    const { inFlight, deadLetters } = await platform.ports.chunkQueue.depth();
    expect(inFlight + deadLetters).toBe(1); // given back, and buried once its rest is over

    await orderFaults(platform, { latencyMs: 1_500 }); // the old message is buried meanwhile
    const redriven = await platform.settled(await redriveOne());

    expect(redriven).toMatchObject({ runId: failed.runId, status: "succeeded", error: null });
    await orderFaults(platform);
    await expectEqualStores(10);
  });
});

describe("cancelRun", () => {
  it("leaves nothing of a run that has not published, and frees the group; resumed, the run is a new attempt", async () => {
    let cancelling: Promise<unknown> | undefined;
    await open({
      onState: (_machine, execution, state) => {
        if (state === "Check output") cancelling ??= cancelRun(platform.ports, execution.replace(/-1$/, ""));
      },
    });

    const cancelled = await refresh(platform, GROUP, "1997-10-01", [file(30)]);
    await cancelling;

    expect(await getRun(platform.ports.ledger, cancelled.runId)).toMatchObject({
      status: "cancelled",
      report: { outcome: "cancelled", counts: { written: 0, stores: { offline: { written: 0 } } } },
    });
    expect(await offlineFiles()).toEqual([]);
    await expectEqualStores(0);
    expect(await findHolder(platform.ports.ledger, LEASE)).toBeUndefined();

    const resumed = await platform.settled(await resumeRun(platform.ports, cancelled.runId));

    expect(resumed).toMatchObject({ status: "succeeded", attempt: 2, report: { counts: { written: 30 } } });
    await expectEqualStores(30);
  });

  it("ends a run that writes; a later refresh supersedes it, and it cannot be resumed any more", async () => {
    const entered = await open({ settings: { chunkRecords: 10 } });
    const run = await start("1997-10-01", file(60), 20);
    await until("the run writes", () => entered.includes(WRITING));

    await cancelRun(platform.ports, run.runId);
    await platform.settled(run);
    const holder = await findHolder(platform.ports.ledger, LEASE);
    const watermark = await findWatermark(platform.ports.ledger, GROUP);
    const later = await refresh(platform, GROUP, "1997-10-02");

    expect([holder, watermark]).toEqual([undefined, undefined]);
    expect(later).toMatchObject({ status: "succeeded", report: { counts: { planned: 60, written: 60 } } });
    expect(await getRun(platform.ports.ledger, run.runId)).toMatchObject({ status: "superseded" });
    await expect(resumeRun(platform.ports, run.runId)).rejects.toThrow(/superseded by a later run/);
    await expectEqualStores(60);
    expect(
      new Set((await exportRows(platform, customerPurchases, "hot")).map(({ eventTime }) => eventTime)),
    ).toEqual(new Set(["1997-10-02T00:00:00.000Z"]));
  });
});

/** The states that runs of it entered. */
async function open(options: Partial<PlatformOptions> = {}): Promise<readonly string[]> {
  const entered: string[] = [];
  platform = await openTestPlatform(stateDir, {
    onState: (_machine, _execution, state) => entered.push(state),
    ...options,
  });
  return entered;
}

const file = (customers: number): string =>
  writeCsv(stateDir, "purchases.csv", purchasesOf(customers, "1997-09-01"));

function start(asOf: string, input: string, unitsPerSecond: number): Promise<Run> {
  return startRefresh(platform.ports, { group: GROUP, asOfMs: at(asOf), inputs: [input], unitsPerSecond });
}

async function redriveOverHttp(): Promise<Run> {
  const api = await serveApi(platform);
  const { runs } = await api.json<{ runs: readonly RunAnswer[] }>("/redrives", 200, { method: "POST" });
  expect(runs).toMatchObject([{ group: GROUP, state: "running" }]);
  return getRun(platform.ports.ledger, runs[0]?.runId ?? "");
}

async function redriveOne(): Promise<Run> {
  const { runs } = await redriveChunks(platform.ports);
  const [run] = runs;
  if (run === undefined || runs.length > 1) throw new Error(`${runs.length} runs were redriven, not 1`);
  return run;
}

async function offlineFiles(): Promise<readonly string[]> {
  const { offlinePrefix } = await getPlace(platform.ports.ledger, GROUP);
  return listOfflineFiles(platform.ports.objects, offlinePrefix);
}

/** The same records in every store, and no offline row twice. */
async function expectEqualStores(count: number): Promise<void> {
  const offline = await exportRows(platform, customerPurchases, "offline");
  expect(offline).toHaveLength(count);
  expect(await exportRows(platform, customerPurchases, "online")).toEqual(offline);
  expect(await exportRows(platform, customerPurchases, "hot")).toEqual(offline);
  const rows = new Set<string>();
  let read = 0;
  for (const key of await offlineFiles()) {
    for (const row of await platform.ports.offlineFiles.readRows(customerPurchases, key, 0, 1_000_000)) {
      rows.add(`${row.recordId} ${row.eventTimeMs}`);
      read += 1;
    }
  }
  expect(read).toBe(rows.size);
}
