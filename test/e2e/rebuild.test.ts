import {
  cancelRun,
  type FeatureRecord,
  findHolder,
  findWatermark,
  getRun,
  listChunks,
  listOpenAsOfs,
  listRuns,
  type Run,
  redriveChunks,
  resumeRun,
  startRebuild,
} from "@steward/core";
import { customerPurchases } from "@steward/features";
import type { Platform, PlatformOptions } from "@steward/local";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { valueKey } from "../../packages/adapters/src/hot/hot-key.ts";
import { purgePrefix } from "../../packages/core/src/ledger/json-object.ts";
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
import { exportBoth, rebuild, reportOf, suppress, wipeAll, writeBoth } from "../support/rebuilds.ts";
import { until } from "../support/until.ts";

const GROUP = customerPurchases.name;
const LEASE = { workflow: "rebuild", group: GROUP };
const AS_OF = "1997-10-01";

let stateDir: string;
let platform: Platform;

beforeEach(() => {
  stateDir = makeStateDir();
});

afterEach(async () => {
  await platform.close();
  await removeStateDir(stateDir);
});

describe("a rebuild", () => {
  it("brings both stores back as they were, and leaves watermark and offline store alone", async () => {
    await openWith(40);
    const [before, offline] = [await exportBoth(platform, customerPurchases), await offlineRows()];
    const watermark = await findWatermark(platform.ports.ledger, GROUP);
    await wipeAll(platform);
    expect(await exportBoth(platform, customerPurchases)).toEqual({ online: [], hot: [] });

    const run = await rebuild(platform, GROUP);

    expect(run).toMatchObject({ status: "succeeded", outcome: "succeeded" });
    const all = { planned: 40, written: 40, newerKept: 0, suppressed: 0, expired: 0, failed: 0 };
    expect(reportOf(run)).toMatchObject({
      counts: { ...all, read: 40, stores: { online: all, hot: all } },
      verify: { compared: 40, missing: 0, stale: 0, different: 0 },
    });
    expect(await exportBoth(platform, customerPurchases)).toEqual(before);
    expect(await offlineRows()).toEqual(offline);
    expect(await findWatermark(platform.ports.ledger, GROUP)).toEqual(watermark);
    expect(await listOpenAsOfs(platform.ports.ledger, "customer")).toEqual([]);
    expect(await platform.ports.objects.listVersions("staging/")).toEqual([]);
  });

  it("of the hot store alone does not touch the online store", async () => {
    await openWith(10);
    const { hot } = await exportBoth(platform, customerPurchases);
    await wipeAll(platform);

    const run = await rebuild(platform, GROUP, { targets: ["hot"] });

    expect(Object.keys(reportOf(run).counts.stores)).toEqual(["hot"]);
    expect((await offlineRows()).length).toBe(10);
    expect(await exportBoth(platform, customerPurchases)).toEqual({ online: [], hot });
  });

  it("as of an earlier instant brings back what was so then, not what came later", async () => {
    await openWith(5);
    const { hot } = await exportBoth(platform, customerPurchases);
    await refresh(platform, GROUP, "1997-11-15");
    await wipeAll(platform);

    await rebuild(platform, GROUP, { asOfMs: at("1997-11-14") });

    expect((await exportBoth(platform, customerPurchases)).hot).toEqual(hot);
  });

  it("keeps newer records that the stores hold, and counts them where the store can tell", async () => {
    await openWith(10);
    await platform.wipe("online");
    const newer = [aRecordOf("00003", "1997-12-24"), aRecordOf("00007", "1997-12-24")];
    await writeBoth(platform, customerPurchases, newer);

    const run = await rebuild(platform, GROUP);

    expect(reportOf(run)).toMatchObject({
      outcome: "succeeded",
      counts: { written: 8, newerKept: 2, stores: { hot: { newerKept: 2 }, online: { written: 10 } } },
      verify: { compared: 10, stale: 0 },
    });
    for (const store of ["online", "hot"] as const) {
      const rows = await exportRows(platform, customerPurchases, store);
      expect(rows.filter(({ eventTime }) => eventTime.startsWith("1997-12-24"))).toHaveLength(2);
      expect(rows).toHaveLength(10);
    }
  });
});

describe("a rebuild and the suppressed", () => {
  it("leaves them away where the suppression was there before", async () => {
    await openWith(10);
    await suppress(platform, "customer", "00002", at("1998-01-01"));
    await suppress(platform, "customer", "00005");
    await suppress(platform, "customer", "00008", at("1997-01-01")); // older than the record
    await wipeAll(platform);

    const run = await rebuild(platform, GROUP);

    expect(reportOf(run)).toMatchObject({ outcome: "succeeded", counts: { planned: 8, written: 8 } });
    const { online, hot } = await exportBoth(platform, customerPurchases);
    expect(hot.map(({ recordId }) => recordId)).toEqual([
      "00000",
      "00001",
      "00003",
      "00004",
      "00006",
      "00007",
      "00008",
      "00009",
    ]);
    expect(online).toEqual(hot);
  });

  it("drops and counts them in the workers where it came after the snapshot", async () => {
    await openWith(10);
    await wipeAll(platform);
    once(platform.ports.batchEngine, "snapshot", "after", () => suppress(platform, "customer", "00002"));

    const run = await rebuild(platform, GROUP);

    expect(reportOf(run)).toMatchObject({
      outcome: "succeeded",
      counts: { planned: 10, written: 9, suppressed: 1, stores: { hot: { suppressed: 1 } } },
      verify: { compared: 9 },
    });
    expect((await exportBoth(platform, customerPurchases)).online).toHaveLength(9);
  });

  it("misses none of them who are erased while it compares", async () => {
    await openWith(10);
    once(platform.ports.hotStore, "read", "before", async () => {
      await suppress(platform, "customer", "00002");
      await lose("00002");
    });

    const run = await rebuild(platform, GROUP);

    expect(run).toMatchObject({ status: "succeeded" });
    expect(reportOf(run)).toMatchObject({ counts: { written: 10 }, verify: { compared: 9, missing: 0 } });
  });
});

describe("a rebuild under which values change", () => {
  it("ends with the differences counted by kind and store, named for nobody", async () => {
    await openWith(10);
    once(platform.ports.hotStore, "read", "before", async () => {
      for (const recordId of ["00001", "00002", "00003"]) await lose(recordId);
      await writeBoth(platform, customerPurchases, [
        aRecordOf("00002", "1997-09-30"),
        aRecordOf("00003", AS_OF),
      ]);
    });

    const run = await rebuild(platform, GROUP);

    expect(run).toMatchObject({
      status: "failed",
      outcome: "different",
      error: {
        name: "DifferencesFoundError",
        message:
          "3 of 10 records are not in the stores as they are offline " +
          "(online: 0 missing, 0 stale, 0 different; hot: 1 missing, 1 stale, 1 different)",
      },
    });
    expect(reportOf(run)).toMatchObject({
      outcome: "different",
      counts: { planned: 10, written: 10, failed: 0 },
      verify: { compared: 10, missing: 1, stale: 1, different: 1 },
    });
    expect(await platform.ports.objects.listVersions("staging/")).toEqual([]);
    expect(await findHolder(platform.ports.ledger, LEASE)).toBeUndefined();
  });

  it("is put right by its resumption as far as values were lost or old", async () => {
    await openWith(10);
    const { hot } = await exportBoth(platform, customerPurchases);
    once(platform.ports.hotStore, "read", "before", () => lose("00001"));
    const failed = await rebuild(platform, GROUP);

    const resumed = await platform.settled(await resumeRun(platform.ports, failed.runId));

    expect([failed.outcome, resumed.outcome, resumed.attempt]).toEqual(["different", "succeeded", 2]);
    expect((await exportBoth(platform, customerPurchases)).hot).toEqual(hot);
  });
});

describe("a rebuild whose chunks fail", () => {
  it("keeps them as dead letters and is redriven at its writes, without a new snapshot", async () => {
    const entered = await openWith(50, { settings: { chunkRecords: 20, maxReceives: 1 } });
    await wipeAll(platform);
    await orderFaults(platform, { errorRate: 1 });
    const failed = await rebuild(platform, GROUP);
    await until(
      "three dead letters",
      async () => (await platform.ports.chunkQueue.depth()).deadLetters === 3,
    );
    await orderFaults(platform);
    entered.length = 0;

    const redriven = await redriveOne();

    expect(failed).toMatchObject({
      status: "failed",
      error: { name: "WriteFailedError" },
      report: { counts: { planned: 50, written: 0, failed: 50, stores: { hot: { written: 50 } } } },
    });
    expect(redriven).toMatchObject({ status: "succeeded", attempt: 1, redrives: 1 });
    expect(reportOf(redriven)).toMatchObject({ counts: { planned: 50, written: 50, failed: 0 } });
    expect(entered).not.toContain("rebuild: Snapshot records");
    expect(entered).toContain("rebuild: Enqueue chunks");
    expect(await platform.ports.chunkQueue.depth()).toEqual({ ready: 0, inFlight: 0, deadLetters: 0 });
    await expectEqualStores(50);
  });

  it.for(["refresh", "rebuild"] as const)(
    "plans a %s again, as a new attempt, where an erasure took its staging meanwhile",
    async (workflow) => {
      await openWith(workflow === "refresh" ? 0 : 50, { settings: { chunkRecords: 20, maxReceives: 1 } });
      await orderFaults(platform, { errorRate: 1 });
      const failed = await (workflow === "refresh"
        ? refresh(platform, GROUP, AS_OF, [file(50)])
        : rebuild(platform, GROUP));
      await until(
        "three dead letters",
        async () => (await platform.ports.chunkQueue.depth()).deadLetters === 3,
      );
      await orderFaults(platform);
      await suppress(platform, "customer", "00004");
      await purgePrefix(platform.ports.objects, "staging/");

      const redriven = await redriveOne();

      expect(failed).toMatchObject({ workflow, status: "failed", error: { name: "WriteFailedError" } });
      expect(redriven).toMatchObject({ runId: failed.runId, status: "succeeded", attempt: 2, redrives: 0 });
      expect(reportOf(redriven).counts).toMatchObject({ planned: 49, written: 49, failed: 0 });
      await until("no letter is left", async () => {
        const { ready, inFlight, deadLetters } = await platform.ports.chunkQueue.depth();
        return ready + inFlight + deadLetters === 0;
      });
      const rows = await exportRows(platform, customerPurchases, "online");
      if (workflow === "refresh") expect(rows).toHaveLength(49);
      expect(await listOpenAsOfs(platform.ports.ledger, "customer")).toEqual([]);
    },
  );
});

describe("the lease of a rebuild", () => {
  it("lets one rebuild work on a group, names it to a second, and lets a refresh go on beside it", async () => {
    const entered = await openWith(40);
    const first = await start(20);
    await until("the first rebuild writes", () => entered.includes("rebuild: Await writes"));

    const second = await rebuild(platform, GROUP);
    const beside = await refresh(platform, GROUP, "1997-10-02");

    expect(await getRun(platform.ports.ledger, first.runId)).toMatchObject({ status: "running" });
    expect(second).toMatchObject({ status: "failed", error: { name: "LeaseHeldError" } });
    expect(second.error?.message).toContain(`run ${first.runId} is at work on group "${GROUP}" (rebuild)`);
    expect(beside).toMatchObject({ status: "succeeded" });
    expect(await platform.settled(first)).toMatchObject({ status: "succeeded" });
    const { hot } = await exportBoth(platform, customerPurchases);
    expect(new Set(hot.map(({ eventTime }) => eventTime))).toEqual(new Set(["1997-10-02T00:00:00.000Z"]));
  });
});

describe("cancelRun of a rebuild", () => {
  it("drains: what was in hand is written or not, nothing follows, and the run can be taken up again", async () => {
    const entered = await openWith(60, { settings: { chunkRecords: 10 } });
    await wipeAll(platform);
    const run = await start(20);
    await until("the run writes", () => entered.includes("rebuild: Await writes"));

    const report = await cancelRun(platform.ports, run.runId);
    await platform.settled(run);
    await until("the queue is drained", async () => {
      const { ready, inFlight } = await platform.ports.chunkQueue.depth();
      return ready + inFlight === 0;
    });
    const settled = (await listChunks(platform.ports.ledger, run)).filter(
      ({ status }) => status === "settled",
    );

    expect(report).toMatchObject({ workflow: "rebuild", outcome: "cancelled", counts: { planned: 60 } });
    expect(settled.length).toBeLessThan(6);
    expect(await findHolder(platform.ports.ledger, LEASE)).toBeUndefined();
    expect(await listOpenAsOfs(platform.ports.ledger, "customer")).toEqual([]);
    expect(await platform.ports.objects.listVersions("staging/")).toEqual([]);

    const resumed = await platform.settled(await resumeRun(platform.ports, run.runId));

    expect(resumed).toMatchObject({ status: "succeeded", attempt: 2 });
    await expectEqualStores(60);
  });

  it("is superseded by a later rebuild of the group, which takes away what it left", async () => {
    const entered = await openWith(40);
    const run = await start(20);
    await until("the run writes", () => entered.includes("rebuild: Await writes"));
    await cancelRun(platform.ports, run.runId);
    await platform.settled(run);

    expect(await rebuild(platform, GROUP)).toMatchObject({ status: "succeeded" });

    expect(await getRun(platform.ports.ledger, run.runId)).toMatchObject({ status: "superseded" });
    await expect(resumeRun(platform.ports, run.runId)).rejects.toThrow(/superseded by a later run/);
    expect((await listRuns(platform.ports.ledger)).map(({ status }) => status)).toEqual([
      "succeeded",
      "superseded",
      "succeeded",
    ]);
  });
});

/** A platform with so many customers refreshed; the states that machines enter, as `workflow: state`. */
async function openWith(customers: number, options: Partial<PlatformOptions> = {}): Promise<string[]> {
  const entered: string[] = [];
  platform = await openTestPlatform(stateDir, {
    onState: (machine, _execution, state) => entered.push(`${machine}: ${state}`),
    ...options,
  });
  if (customers > 0)
    expect(await refresh(platform, GROUP, AS_OF, [file(customers)])).toMatchObject({ status: "succeeded" });
  entered.length = 0;
  return entered;
}

const file = (customers: number): string =>
  writeCsv(stateDir, "purchases.csv", purchasesOf(customers, "1997-09-01"));

const start = (unitsPerSecond: number): Promise<Run> =>
  startRebuild(platform.ports, { group: GROUP, asOfMs: undefined, unitsPerSecond });

const offlineRows = () => exportRows(platform, customerPurchases, "offline");

/** Does something before or after the next call of a method, which else does what it always does. */
function once<Name extends string>(
  target: Record<Name, (...given: never[]) => Promise<unknown>>,
  name: Name,
  when: "before" | "after",
  work: () => Promise<unknown>,
): void {
  const original = target[name];
  target[name] = async (...given) => {
    target[name] = original;
    if (when === "before") await work();
    const result = await original.apply(target, given);
    if (when === "after") await work();
    return result;
  };
}

/** The hot store loses a value. */
async function lose(recordId: string): Promise<void> {
  const client = new Redis(platform.services.redis.url);
  const pseudonym = platform.ports.pseudonymiser.pseudonym("customer", recordId);
  expect(await client.unlink(valueKey(customerPurchases.owner, pseudonym, GROUP))).toBe(1);
  client.disconnect();
}

function aRecordOf(recordId: string, day: string): FeatureRecord {
  return { recordId, eventTimeMs: at(day), features: { orders_7d: 77 } };
}

async function redriveOne(): Promise<Run> {
  const { runs } = await redriveChunks(platform.ports);
  const [run] = runs;
  if (run === undefined || runs.length > 1) throw new Error(`${runs.length} runs were redriven, not 1`);
  return platform.settled(run);
}

async function expectEqualStores(count: number): Promise<void> {
  const offline = await offlineRows();
  expect(offline).toHaveLength(count);
  expect(await exportBoth(platform, customerPurchases)).toEqual({ online: offline, hot: offline });
}
