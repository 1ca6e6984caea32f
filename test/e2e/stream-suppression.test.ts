// The replay cap: what a stream still has of a suppressed subject, and what it brings of a returned one.

import { DrivenClock } from "@steward/adapters";
import {
  closeStream,
  consumePage,
  describeStream,
  type EpochMs,
  fenceSubjects,
  type HotStore,
  openStream,
  startRebuild,
  startReplay,
  suppressSubjects,
  toEpochMs,
} from "@steward/core";
import { customerActivity } from "@steward/features";
import type { Platform } from "@steward/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { methodsOf } from "../support/methods-of.ts";
import { at, exportRows, makeStateDir, openTestPlatform, removeStateDir } from "../support/platform.ts";
import { flushOffline, put, rowsOf, someVisits, takenIn, type Visit } from "../support/shop-visits.ts";

const NOON = at("2026-03-01T12:00:00Z");
const MINUTE_MS = 60_000;
const GONE = "gone-customer";

let stateDir: string;
let platform: Platform;
let requests = 0;

beforeEach(async () => {
  stateDir = makeStateDir();
  platform = await openTestPlatform(stateDir, {
    groups: [customerActivity],
    clockMs: NOON,
    offlineDelayMs: 900_000,
  });
});

afterEach(async () => {
  await platform.close();
  await removeStateDir(stateDir);
});

function driveTo(nowMs: number): void {
  const { clock } = platform.ports;
  if (!(clock instanceof DrivenClock)) throw new Error("the clock of a local platform can be driven");
  clock.set(toEpochMs(nowMs));
}

const aVisit = (atMs: number): Visit => ({
  customer_id: GONE,
  seen_at: new Date(atMs).toISOString(),
  page: "home",
});

/** The steps of an erasure that concern the readable stores. */
async function suppress(clock = platform.ports.clock): Promise<EpochMs> {
  requests += 1;
  const ports = { ...platform.ports, clock };
  const pseudonym = ports.pseudonymiser.pseudonym("customer", GONE);
  const untilMs = await suppressSubjects(ports, "customer", `request-${requests}`, [pseudonym]);
  await fenceSubjects(ports, "customer", [pseudonym]);
  await ports.onlineStore.delete(customerActivity, GONE, { mode: "hard", eventTimeMs: untilMs });
  return untilMs;
}

async function idsIn(store: "hot" | "online"): Promise<readonly string[]> {
  return (await exportRows(platform, customerActivity, store)).map(({ recordId }) => recordId);
}

describe("a suppression and a stream", () => {
  it("recorded between two pages, drops the subject's events up to its time, and lets later ones pass", async () => {
    const others = someVisits(800, 7, NOON - 800_000);
    const early = aVisit(NOON - MINUTE_MS);
    await put(platform.ports, [early, ...others.slice(0, 400)]);
    platform.startStreams();
    await takenIn(platform);
    expect(await idsIn("hot")).toContain(GONE);

    const untilMs = await suppress();
    await put(platform.ports, [aVisit(NOON - 1), aVisit(NOON), ...others.slice(400)]);
    const afterSuppression = await takenIn(platform);

    expect(afterSuppression.counts.overall.suppressed).toBe(2);
    for (const store of ["hot", "online"] as const) expect(await idsIn(store)).not.toContain(GONE);
    driveTo(untilMs + MINUTE_MS);
    const late = aVisit(untilMs + 1);
    await put(platform.ports, [aVisit(untilMs), late]);
    await takenIn(platform);
    for (const store of ["hot", "online"] as const)
      expect(await exportRows(platform, customerActivity, store)).toEqual(rowsOf([...others, late]));
  });

  it("recorded after a page was read and before its suppressions are, keeps the page's events out", async () => {
    const { ports } = platform;
    await put(ports, [aVisit(NOON - 1)]);
    let isSuppressed = false;
    const hold = await openStream(ports, customerActivity, "one");
    const suppressing = {
      ...ports,
      ledger: {
        ...methodsOf(ports.ledger),
        async list(partition: string, prefix?: string) {
          if (partition.startsWith("suppressions#") && !isSuppressed) {
            isSuppressed = true;
            await suppress();
          }
          return ports.ledger.list(partition, prefix);
        },
      },
    };

    for (const shard of await ports.streams.get("activity").listShards())
      await consumePage(suppressing, hold, shard, 1);
    await closeStream(ports, hold);

    expect(isSuppressed).toBe(true);
    expect(await idsIn("hot")).toEqual([]);
    expect(await idsIn("online")).toEqual([]);
    expect((await describeStream(ports, customerActivity)).counts.overall.suppressed).toBe(1);
  });

  it("taken while a page is being written, lies after all that the page may write, by a slow clock too", async () => {
    const { ports } = platform;
    await put(ports, [aVisit(NOON)]);
    let untilMs = 0;
    const hotStore: HotStore = {
      ...methodsOf(ports.hotStore),
      async write(...args) {
        untilMs = await suppress({ now: () => toEpochMs(NOON - 60 * MINUTE_MS) });
        return ports.hotStore.write(...args);
      },
    };
    const hold = await openStream(ports, customerActivity, "one");

    for (const shard of await ports.streams.get("activity").listShards())
      await consumePage({ ...ports, hotStore }, hold, shard, 1);
    await closeStream(ports, hold);

    expect(untilMs).toBeGreaterThan(NOON);
    expect(await idsIn("hot")).toEqual([]); // the fence of the same moment
  });

  it("keeps a replay of the whole stream, and a rebuild, from bringing the subject back", async () => {
    const others = someVisits(200, 7, NOON - 800_000);
    await put(platform.ports, [aVisit(NOON - 2), ...others, aVisit(NOON - 1)]);
    platform.startStreams();
    await takenIn(platform);
    await flushOffline(platform);
    await suppress();
    for (const store of ["hot", "online"] as const) await platform.wipe(store);

    const replayed = await platform.settled(
      await startReplay(platform.ports, { group: "customer-activity", fromMs: undefined }),
    );

    expect(replayed.report).toMatchObject({ counts: { read: 202, suppressed: 2, failed: 0 } });
    for (const store of ["hot", "online"] as const)
      expect(await exportRows(platform, customerActivity, store)).toEqual(rowsOf(others));
    for (const store of ["hot", "online"] as const) await platform.wipe(store);
    const rebuilt = await platform.settled(
      await startRebuild(platform.ports, { group: "customer-activity", asOfMs: undefined }),
    );
    expect(rebuilt).toMatchObject({ status: "succeeded", error: null });
    for (const store of ["hot", "online"] as const)
      expect(await exportRows(platform, customerActivity, store)).toEqual(rowsOf(others));
  });
});
