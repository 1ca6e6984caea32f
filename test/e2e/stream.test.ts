// A group that a stream feeds, on the real stores: what arrives in whatever order, once or twice, well formed or not.

import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { DrivenClock } from "@steward/adapters";
import {
  closeStream,
  consumePage,
  describeStream,
  type FeatureGroup,
  findGreatestAsOf,
  listOpenAsOfs,
  listSetAsideEvents,
  openStream,
  type StoreName,
  startRebuild,
  startRefresh,
  startReplay,
  toEpochMs,
} from "@steward/core";
import { customerActivity, customerPurchases } from "@steward/features";
import type { Platform, PlatformOptions } from "@steward/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exportRows, makeStateDir, openTestPlatform, removeStateDir } from "../support/platform.ts";
import { flushOffline, put, rowsOf, shuffled, someVisits, takenIn } from "../support/shop-visits.ts";
import { startSteward } from "../support/steward-command.ts";

const STORES: readonly StoreName[] = ["hot", "online", "offline"];
const GROUPS: readonly FeatureGroup[] = [customerActivity, customerPurchases];
const HOUR_MS = 3_600_000;

let stateDir: string;
let platforms: Platform[];
let fromMs: number;

beforeEach(() => {
  stateDir = makeStateDir();
  platforms = [];
  fromMs = Date.now() - 2 * HOUR_MS;
});

afterEach(async () => {
  for (const platform of platforms) await platform.close();
  await removeStateDir(stateDir);
});

async function open(options: Partial<PlatformOptions> = {}): Promise<Platform> {
  const platform = await openTestPlatform(stateDir, { groups: GROUPS, ...options });
  platforms.push(platform);
  return platform;
}

async function exportAll(platform: Platform) {
  const rows: Partial<Record<StoreName, unknown>> = {};
  for (const store of STORES) rows[store] = await exportRows(platform, customerActivity, store);
  return rows;
}

const inAllStores = (rows: unknown) => ({ hot: rows, online: rows, offline: rows });

describe("a stream", () => {
  it("brings each customer's last visit to all three stores, whatever the order and however often it comes", async () => {
    const platform = await open({ offlineDelayMs: 100_000 });
    const visits = someVisits(1_500, 211, fromMs);
    platform.startStreams();

    await put(platform.ports, shuffled(visits));
    await put(platform.ports, visits.slice(300, 900));
    const { counts } = await takenIn(platform);
    await flushOffline(platform);

    expect(counts).toMatchObject({ read: 2_100, setAside: 0, overall: { planned: 2_100, failed: 0 } });
    expect(await exportAll(platform)).toEqual(inAllStores(rowsOf(visits)));
  });

  it("leaves the offline store as it is until the delay has passed, then fills it by itself", async () => {
    const platform = await open({ offlineDelayMs: 3_000 });
    platform.startStreams();
    const visits = someVisits(20, 20, fromMs);

    await put(platform.ports, visits);
    await takenIn(platform);
    const before = await exportRows(platform, customerActivity, "offline");

    expect(before).toEqual([]);
    await expect
      .poll(() => exportRows(platform, customerActivity, "offline"), { timeout: 15_000, interval: 250 })
      .toEqual(rowsOf(visits));
  });

  it("lets the first of two events of one instant stand in all three stores, within a page and over pages", async () => {
    const platform = await open({ offlineDelayMs: 100_000 });
    platform.startStreams();
    const seen_at = new Date(fromMs).toISOString();
    const first = { customer_id: "c-1", seen_at, page: "first" };
    const second = { ...first, page: "second" };
    const other = { ...first, customer_id: "c-2" };

    await put(platform.ports, [first, second, other, first]);
    await takenIn(platform);
    await put(platform.ports, [second, { ...other, page: "second" }]);
    const { counts } = await takenIn(platform);
    await flushOffline(platform);

    expect(counts.overall).toMatchObject({ planned: 6, written: 3, newerKept: 3 });
    expect(await exportAll(platform)).toEqual(inAllStores(rowsOf([first, other])));
  });

  it("counts bad events, notes where they lie and why, never what they say, and goes on", async () => {
    const platform = await open();
    platform.startStreams();
    const good = someVisits(50, 50, fromMs);
    const [first] = good;
    const bad = [
      "not json sekret",
      JSON.stringify({ ...first, seen_at: "2999-01-01T00:00:00Z" }),
      JSON.stringify({ ...first, seen_at: "yesterday-sekret" }),
      JSON.stringify({ ...first, page: undefined }),
      JSON.stringify({ ...first, page: 7 }),
      JSON.stringify({ ...first, sekret: 1 }),
      JSON.stringify({ ...first, customer_id: "x".repeat(2_049) }),
    ];

    await put(platform.ports, [...bad.slice(0, 4), ...good, ...bad.slice(4)]);
    const { counts } = await takenIn(platform);
    const noted = await listSetAsideEvents(platform.ports.ledger, "customer-activity", 100);

    expect(counts).toMatchObject({ read: 57, setAside: 7, overall: { planned: 50, written: 50 } });
    expect(noted.map(({ column, rule }) => `${column ?? "-"} ${rule}`).sort()).toEqual([
      "- columns",
      "- encoding",
      "customer_id range",
      "page required",
      "page type",
      "seen_at after-arrival",
      "seen_at type",
    ]);
    expect(await exportRows(platform, customerActivity, "hot")).toEqual(rowsOf(good));
    expect(filesThatSay("sekret")).toEqual([]);
  });

  it("is taken in once by two consumers at once, each event counted once", async () => {
    const [one, other] = [await open(), await open()];
    const visits = someVisits(2_000, 97, fromMs);
    await put(one.ports, visits.slice(0, 1_000));

    one.startStreams();
    other.startStreams();
    await put(other.ports, visits.slice(1_000));
    const { counts } = await takenIn(one);

    expect(counts.read).toBe(2_000);
    expect(await exportRows(other, customerActivity, "hot")).toEqual(rowsOf(visits));
  });

  it("is taken in by `steward up`, and by the next consumer at once when that is killed", async () => {
    const platform = await open();
    const up = startSteward(["up"], { state: stateDir });
    await up.said("Steward is up");
    await put(platform.ports, someVisits(10, 10, fromMs));
    await takenIn(platform);
    platform.startStreams();
    up.child.kill("SIGKILL");
    await up.ended;

    await put(platform.ports, someVisits(10, 10, fromMs + HOUR_MS));

    expect((await takenIn(platform)).counts.read).toBe(20);
  });

  it("is taken in under a pace at which no page of the usual size could be written in a worker's life", async () => {
    const platform = await open({ settings: { unitsPerSecond: 20, workerLifeMs: 2_000 } });
    platform.startStreams();
    const visits = someVisits(60, 60, fromMs);
    const beganAtMs = performance.now();

    await put(platform.ports, visits);
    await takenIn(platform);

    expect(performance.now() - beganAtMs).toBeGreaterThan(2_500);
    expect(await exportRows(platform, customerActivity, "online")).toEqual(rowsOf(visits));
  });

  it("leaves no identifier anywhere but in the stream, the online and the offline store", async () => {
    const platform = await open();
    platform.startStreams();

    await put(platform.ports, someVisits(30, 30, fromMs, "kq7canaryzx"));
    await takenIn(platform);
    await flushOffline(platform);

    const places = filesThatSay("kq7canaryzx").map((file) => relative(stateDir, file).split(sep)[0]);
    expect(new Set(places)).toEqual(new Set(["feature-store", "objects"]));
    expect(
      filesThatSay("kq7canaryzx").filter((file) => file.includes("objects") && !isOffline(file)),
    ).toEqual([]);
  });

  it("that was not looked at for longer than it keeps events says so", async () => {
    const platform = await open({ clockMs: toEpochMs(fromMs), streamRetentionMs: HOUR_MS });
    const { ports } = platform;
    const consume = async (consumerId: string) => {
      const hold = await openStream(ports, customerActivity, consumerId);
      for (const shard of await ports.streams.get("activity").listShards())
        while ((await consumePage(ports, hold, shard, 1)).kind !== "idle");
      await closeStream(ports, hold);
      return describeStream(ports, customerActivity);
    };
    await put(ports, someVisits(10, 10, fromMs - HOUR_MS));
    const before = await consume("one");
    await put(ports, someVisits(10, 10, fromMs - HOUR_MS / 2));

    if (ports.clock instanceof DrivenClock) ports.clock.set(toEpochMs(fromMs + 3 * HOUR_MS));
    const after = await consume("two");

    expect(before.shards.map(({ gap }) => gap)).toEqual([null, null]);
    expect(after.counts.read).toBe(10);
    const gap = {
      from: new Date(fromMs).toISOString(),
      to: new Date(fromMs + 2 * HOUR_MS).toISOString(),
    };
    expect(after.shards.map((shard) => shard.gap)).toEqual([gap, gap]);
  });

  it("registers its stretches, and leaves none of them open", async () => {
    const platform = await open();
    platform.startStreams();
    const beforeMs = Date.now();

    await put(platform.ports, someVisits(10, 10, fromMs));
    await takenIn(platform);

    expect(await findGreatestAsOf(platform.ports.ledger, "customer")).toBeGreaterThanOrEqual(beforeMs);
    expect(await listOpenAsOfs(platform.ports.ledger, "customer")).toEqual([]);
  });

  it("feeds its group alone: a refresh of it is refused", async () => {
    const platform = await open();

    await expect(
      startRefresh(platform.ports, { group: "customer-activity", asOfMs: undefined, inputs: [] }),
    ).rejects.toThrow('group "customer-activity" is fed by a stream');
  });
});

describe("a replay", () => {
  it("brings back what the hot and online store lost, and leaves the consumer where it is", async () => {
    const platform = await open();
    platform.startStreams();
    const visits = someVisits(900, 83, fromMs);
    await put(platform.ports, visits);
    const before = await takenIn(platform);
    for (const store of ["hot", "online"] as const) await platform.wipe(store);

    const run = await platform.settled(
      await startReplay(platform.ports, { group: "customer-activity", fromMs: undefined }),
    );
    await flushOffline(platform);

    expect(run).toMatchObject({ status: "succeeded", workflow: "replay", outcome: "succeeded" });
    expect(run.report).toMatchObject({
      from: null,
      goneBefore: null,
      counts: { read: 900, setAside: 0, planned: 900, failed: 0 },
    });
    expect(await exportAll(platform)).toEqual(inAllStores(rowsOf(visits)));
    expect((await takenIn(platform)).counts).toEqual(before.counts);
  });

  it("reads what arrived at or after its instant, and says what the stream no longer has", async () => {
    const platform = await open({ streamRetentionMs: HOUR_MS });
    platform.startStreams();
    await put(platform.ports, someVisits(10, 10, fromMs));
    await takenIn(platform);
    const betweenMs = Date.now();
    await put(platform.ports, someVisits(5, 5, fromMs + HOUR_MS));
    await takenIn(platform);
    const replay = async (replayFromMs: number) =>
      (
        await platform.settled(
          await startReplay(platform.ports, {
            group: "customer-activity",
            fromMs: replayFromMs as never,
          }),
        )
      ).report;

    expect(await replay(betweenMs)).toMatchObject({ goneBefore: null, counts: { read: 5 } });
    expect(await replay(Date.now() - 24 * HOUR_MS)).toMatchObject({
      goneBefore: expect.stringMatching(/^20\d\d-.*Z$/),
      counts: { read: 15 },
    });
  });

  it("is refused for a group of batch runs, and for an instant in the future", async () => {
    const platform = await open();

    await expect(
      startReplay(platform.ports, { group: "customer-purchases", fromMs: undefined }),
    ).rejects.toThrow('group "customer-purchases" is not fed by a stream');
    await expect(
      startReplay(platform.ports, { group: "customer-activity", fromMs: (Date.now() + HOUR_MS) as never }),
    ).rejects.toThrow("lies in the future");
  });
});

describe("a rebuild of a group that a stream feeds", () => {
  it("brings back what lies offline, and from the stream what does not yet", async () => {
    const platform = await open({ offlineDelayMs: 900_000 });
    platform.startStreams();
    const visits = someVisits(600, 101, fromMs);
    await put(platform.ports, visits.slice(0, 300));
    await takenIn(platform);
    await flushOffline(platform);
    await put(platform.ports, visits.slice(300));
    await takenIn(platform);
    for (const store of ["hot", "online"] as const) await platform.wipe(store);

    const run = await platform.settled(
      await startRebuild(platform.ports, { group: "customer-activity", asOfMs: undefined }),
    );

    expect(run).toMatchObject({ status: "succeeded", outcome: "succeeded", error: null });
    expect(run.report).toMatchObject({ caughtUp: 600, verify: { missing: 0, stale: 0, different: 0 } });
    const { hot, online } = await exportAll(platform);
    expect({ hot, online }).toEqual({ hot: rowsOf(visits), online: rowsOf(visits) });
  });

  it("is refused for an empty store when it would last longer than the stream keeps what arrives", async () => {
    const platform = await open({ streamRetentionMs: HOUR_MS });
    platform.startStreams();
    await put(platform.ports, someVisits(50, 50, fromMs));
    await takenIn(platform);
    await flushOffline(platform);
    const slowly = () =>
      startRebuild(platform.ports, { group: "customer-activity", asOfMs: undefined, unitsPerSecond: 0.01 });
    await platform.wipe("hot");

    const refused = await platform.settled(await slowly());

    expect(refused).toMatchObject({ status: "failed", error: { name: "InvalidInputError" } });
    expect(refused.error?.message).toContain("the stream keeps 1.0 hours: the empty hot store would miss");
  });
});

const isOffline = (file: string): boolean => /objects\/.*offline.*\.parquet/.test(file);

/** Files of the state folder that hold a text, but for those that may: the stream itself. */
function filesThatSay(text: string): readonly string[] {
  return readdirSync(stateDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("stream.sqlite"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}
