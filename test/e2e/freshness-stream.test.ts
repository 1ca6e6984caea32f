// How fresh a group is that a stream feeds: by the worst partition of its source, and by stores that hold what was flushed.

import {
  checkFreshness,
  describeStream,
  type EpochMs,
  type FeatureGroup,
  featureGroup,
  instant,
  latest,
  measureFreshness,
  putEvents,
  source,
  text,
  toIso,
} from "@steward/core";
import { customerActivity } from "@steward/features";
import { customer } from "@steward/features/customer.ts";
import type { Platform } from "@steward/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { orderFaults } from "../support/faults.ts";
import { makeStateDir, openTestPlatform, removeStateDir } from "../support/platform.ts";
import { flushOffline, put, someVisits, takenIn } from "../support/shop-visits.ts";
import { until } from "../support/until.ts";

const HOUR_MS = 3_600_000;

const shopTills = source("shop-tills", {
  columns: { customer_id: text(), paid_at: instant(), shop: text() },
  eventTime: "paid_at",
  partition: "shop",
});
const customerTills = featureGroup("customer-tills", {
  entity: customer,
  source: shopTills,
  path: "stream",
  owner: "growth",
  freshness: "10 minutes",
  features: { last_paid_at: latest("paid_at") },
});

let stateDir: string;
let platform: Platform;

beforeEach(() => {
  stateDir = makeStateDir();
});

afterEach(async () => {
  await platform.close();
  await removeStateDir(stateDir);
});

describe("freshness of a stream", () => {
  it("takes its age from the value of the partition column that is silent, whichever shard it came by", async () => {
    await open(customerTills);
    const nowMs = Date.now();
    const north = Array.from({ length: 30 }, (_, index) =>
      paid("north", nowMs - (300 - index) * 60_000, index),
    );
    const south = Array.from({ length: 30 }, (_, index) =>
      paid("south", nowMs - (30 - index) * 60_000, index),
    );
    await takeIn([...south, ...north]);

    const { worst, youngestAgeMs } = await measureFreshness(platform.ports, customerTills);

    expect(worst).toEqual({ partition: "north", greatestEventTimeMs: nowMs - 271 * 60_000 });
    expect(youngestAgeMs).toBeLessThan(2 * 60_000);
  });

  it("gets no younger by an event that is dated ahead of its arrival", async () => {
    await open(customerTills);
    const paidAtMs = Date.now() - HOUR_MS;
    await takeIn([paid("north", paidAtMs, 1), paid("north", Date.now() + HOUR_MS, 2)]);

    const { worst, sides } = await measureFreshness(platform.ports, customerTills);

    expect(worst).toEqual({ partition: "north", greatestEventTimeMs: paidAtMs });
    expect(sides.offline.ageMs).toBeGreaterThanOrEqual(HOUR_MS);
  });

  it("samples files of which nobody says how many rows they have", async () => {
    await open(customerActivity);
    await put(platform.ports, someVisits(1_500, 211, Date.now() - 2 * HOUR_MS));
    await takenIn(platform);
    await flushOffline(platform);

    const samples = [];
    for (let turn = 0; turn < 5; turn += 1)
      samples.push((await checkFreshness(platform.ports)).measured[0]?.sides.hot);
    await platform.wipe("hot");
    const { measured } = await checkFreshness(platform.ports);

    expect(samples.map((side) => side?.differences)).toEqual([0, 0, 0, 0, 0]);
    expect(Math.min(...samples.map((side) => side?.sampled ?? 0))).toBeGreaterThan(0);
    expect(measured[0]?.sides.hot).toMatchObject({ ageMs: undefined });
    expect(measured[0]?.sides.hot.differences).toBe(measured[0]?.sides.hot.sampled);
  });

  it("is measured on the other sides while a store does not answer", async () => {
    await open(customerActivity);
    await put(platform.ports, someVisits(300, 100, Date.now() - 2 * HOUR_MS));
    await takenIn(platform);
    await flushOffline(platform);
    await orderFaults(platform, { errorRate: 1 });

    const { sides } = await measureFreshness(platform.ports, customerActivity);
    await orderFaults(platform);

    expect(sides.online).toEqual({
      ageMs: undefined,
      reason: "the online store does not answer",
      sampled: 0,
      differences: 0,
      isAway: true,
    });
    expect(sides.hot).toMatchObject({ ageMs: expect.any(Number), differences: 0 });
    expect(sides.offline.ageMs).toBe(sides.hot.ageMs);
  });
});

const paid = (shop: string, atMs: number, customerId: number): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify({ customer_id: `c${customerId}`, paid_at: toIso(atMs as EpochMs), shop }),
  );

async function takeIn(events: readonly Uint8Array[]): Promise<void> {
  await putEvents(platform.ports, customerTills, events);
  await until(
    "the stream is taken in",
    async () => (await describeStream(platform.ports, customerTills)).atTip,
  );
}

async function open(group: FeatureGroup): Promise<void> {
  platform = await openTestPlatform(stateDir, { groups: [group], offlineDelayMs: 100_000 });
  platform.startStreams();
}
