// How fresh a group is, measured on the whole platform: by events and not by runs, side by side, and silent while a rebuild
// is at work.

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DrivenClock } from "@steward/adapters";
import {
  checkFreshness,
  type EpochMs,
  evaluateAlarms,
  type FeatureGroup,
  featureGroup,
  type GroupFreshness,
  instant,
  integer,
  latest,
  listAlarms,
  measureFreshness,
  source,
  startRebuild,
  sum,
  text,
} from "@steward/core";
import { customerLoyalty } from "@steward/features";
import { customer } from "@steward/features/customer.ts";
import type { Platform, PlatformOptions } from "@steward/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { advance } from "../support/incidents.ts";
import { at, makeStateDir, openTestPlatform, refresh, removeStateDir } from "../support/platform.ts";
import { purchasesOf, writeCsv } from "../support/purchase-files.ts";

const GROUP = "customer-loyalty";
const DAY_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;

const shopVisits = source("shop-visits", {
  columns: { customer_id: text(), at: instant(), count: integer(), shop: text() },
  eventTime: "at",
  partition: "shop",
});
const customerVisits = featureGroup("customer-visits", {
  entity: customer,
  source: shopVisits,
  owner: "growth",
  freshness: "2 days",
  features: { visits: sum("count"), last_shop: latest("shop") },
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

describe("freshness", () => {
  it("is the age of the youngest event on all three sides, where the stores hold what the offline store holds", async () => {
    await openFresh(200);

    const { sides, worst, objectiveMs } = await measure();

    expect(objectiveMs).toBe(2 * DAY_MS);
    expect(worst).toEqual({ partition: undefined, greatestEventTimeMs: at("1997-10-01") });
    expect(sides.offline).toMatchObject({ ageMs: DAY_MS, sampled: 0 });
    expect(sides.online).toMatchObject({ ageMs: DAY_MS, sampled: 32, differences: 0 });
    expect(sides.hot).toMatchObject({ ageMs: DAY_MS, sampled: 32, differences: 0 });
  });

  it("has no age before the first event", async () => {
    await open();

    const { sides } = await measure();

    expect(sides.offline).toMatchObject({ ageMs: undefined, reason: "no event was ever consumed" });
    expect(sides.hot).toMatchObject({ ageMs: undefined, sampled: 0 });
  });

  it("gets older through a refresh that reads nothing new", async () => {
    await openFresh(40);
    leapTo(at("1997-10-05"));
    const run = await refresh(platform, GROUP, "1997-10-05");

    const { sides } = await measure();

    expect(run.status).toBe("succeeded");
    expect(sides.hot).toMatchObject({ ageMs: 4 * DAY_MS, sampled: 40, differences: 0 });
  });

  it("takes its age from the partition that is silent, and names it", async () => {
    await openVisits(["1,1997-09-20T00:00:00Z,1,north", "1,1997-10-01T00:00:00Z,1,south"]);

    const { sides, worst, youngestAgeMs } = await measure(customerVisits);

    expect(worst).toEqual({ partition: "north", greatestEventTimeMs: at("1997-09-20") });
    expect(sides.hot.ageMs).toBe(12 * DAY_MS);
    expect(youngestAgeMs).toBe(DAY_MS);
  });

  it("has no age where a partition is dated ahead of a clock that was put back, however old the others are", async () => {
    await openVisits(["1,1997-09-20T00:00:00Z,1,north", "1,1997-10-01T00:00:00Z,1,south"]);
    const ports = { ...platform.ports, clock: { now: () => at("1997-09-21") } };

    const { sides, worst } = await measureFreshness(ports, customerVisits);

    expect(worst?.partition).toBe("south");
    expect(sides.hot).toMatchObject({
      ageMs: undefined,
      reason: "the youngest event is dated ahead of the clock",
    });
  });

  it("takes the age from a store that was flushed, and from no other side", async () => {
    await openFresh(200);
    await platform.wipe("hot");

    const { sides } = await measure();

    expect(sides.hot).toEqual({
      ageMs: undefined,
      reason: "32 of 32 sampled records are not as the offline store has them",
      sampled: 32,
      differences: 32,
    });
    expect(sides.online.ageMs).toBe(DAY_MS);
    expect(sides.offline.ageMs).toBe(DAY_MS);
  });

  it("finds one record that went astray, and stays with it until it is back", async () => {
    await openFresh(200);
    const [lost] = await platform.ports.onlineStore.read(customerLoyalty, ["00077"]);
    if (lost === undefined) throw new Error("the record is not there");
    await platform.ports.onlineStore.delete(customerLoyalty, "00077", {
      mode: "hard",
      eventTimeMs: (lost.eventTimeMs + 1) as EpochMs,
    });

    const turnsUntilFound = await checkUntil(({ sides }) => sides.online.differences === 1);
    const afterwards = [await checkOnce(), await checkOnce(), await checkOnce()];
    await platform.ports.onlineStore.write(customerLoyalty, [
      { ...lost, eventTimeMs: (lost.eventTimeMs + 2) as EpochMs },
    ]);
    const repaired = await checkOnce();

    expect(turnsUntilFound).toBeLessThan(20);
    expect(afterwards.map(({ sides }) => sides.online.differences)).toEqual([1, 1, 1]);
    expect(repaired.sides.online).toMatchObject({ ageMs: expect.any(Number), differences: 0 });
  });

  it("compares every record in turn, whichever file and row it lies in", async () => {
    await openFresh(200, { settings: { rowsPerFile: 70 } });
    const seen = new Set<string>();
    const { offlineFiles } = platform.ports;
    const ports = {
      ...platform.ports,
      offlineFiles: {
        readRows: async (...given: Parameters<typeof offlineFiles.readRows>) => {
          const records = await offlineFiles.readRows(...given);
          for (const { recordId } of records) seen.add(recordId);
          return records;
        },
        readLatest: offlineFiles.readLatest.bind(offlineFiles),
      },
    };

    for (let turn = 0; turn < 40; turn += 1) await checkFreshness(ports);

    expect(seen.size).toBe(200);
  });
});

describe("alarms on freshness", () => {
  it("go on in the second period of a flushed store, with the difference as the cause", async () => {
    await openFresh(200);
    const fresh = await look();
    await platform.wipe("hot");

    const first = await look();
    const second = await look();

    expect([fresh, first]).toEqual([[], []]);
    expect(second).toEqual([`freshness-${GROUP}-hot`, `difference-${GROUP}-hot`]);
    const [alarm] = (await listAlarms(platform.ports.ledger)).filter(({ state }) => state === "alarm");
    expect(alarm?.reason).toContain("2 of the last");
  });

  it("stay silent about the store that a rebuild is at work on, during it and for its last measures", async () => {
    await openFresh(200, { settings: { chunkRecords: 10 } });
    await platform.wipe("hot");
    const run = await startRebuild(platform.ports, {
      group: GROUP,
      asOfMs: undefined,
      targets: ["hot"],
      unitsPerSecond: 40,
    });
    const during = [await look(), await look(), await look()];
    const { status } = await platform.settled(run);

    const after = [await look(), await look(), await look(), await look()];

    expect(during).toEqual([[], [], []]);
    expect(status).toBe("succeeded");
    expect(after).toEqual([[], [], [], []]);
  });

  it("go on for data that nobody sends while a rebuild is at work", async () => {
    await openFresh(200);
    leapTo(at("1997-10-09"));
    const run = await startRebuild(platform.ports, {
      group: GROUP,
      asOfMs: undefined,
      targets: ["hot"],
      unitsPerSecond: 40,
    });

    await look();
    const raised = await look();
    await platform.settled(run);

    expect(raised).toContain(`freshness-${GROUP}-offline`);
  });

  it("are told in figures, groups and sides: no identifier is in a metric or an alarm", async () => {
    await openFresh(40);
    await platform.wipe("hot");
    await look();
    await look();

    const metrics = readFileSync(platform.folder.metrics, "utf8");
    const alarms = JSON.stringify(await listAlarms(platform.ports.ledger));

    expect(metrics).toContain("SampleDifferences");
    expect(`${metrics}${alarms}`).not.toMatch(/"000\d\d"/);
  });
});

async function open(options: Partial<PlatformOptions> = {}): Promise<void> {
  platform = await openTestPlatform(stateDir, {
    groups: [customerLoyalty],
    clockMs: at("1997-10-02"),
    ...options,
  });
}

/** Customers who bought on the day before the platform's now. */
async function openVisits(rows: readonly string[]): Promise<void> {
  await open({ groups: [customerVisits] });
  const file = writeCsv(stateDir, "visits.csv", rows, "customer_id,at,count,shop");
  await refresh(platform, "customer-visits", "1997-10-02", [file]);
}

async function openFresh(customers: number, options: Partial<PlatformOptions> = {}): Promise<void> {
  await open(options);
  mkdirSync(join(stateDir, "files"), { recursive: true });
  const file = writeCsv(join(stateDir, "files"), "first.csv", purchasesOf(customers, "1997-10-01"));
  const run = await refresh(platform, GROUP, "1997-10-02", [file]);
  if (run.status !== "succeeded") throw new Error(`the first refresh ${run.status}`);
}

const measure = (group: FeatureGroup = customerLoyalty): Promise<GroupFreshness> =>
  measureFreshness(platform.ports, group);

/** One check of the checker; what it measured. */
async function checkOnce(): Promise<GroupFreshness> {
  const { measured } = await checkFreshness(platform.ports);
  const [first] = measured;
  if (first === undefined) throw new Error("nothing was measured");
  return first;
}

async function checkUntil(isFound: (measured: GroupFreshness) => boolean): Promise<number> {
  for (let turns = 1; turns < 100; turns += 1) if (isFound(await checkOnce())) return turns;
  return Number.POSITIVE_INFINITY;
}

/** The next period: checked, then the alarms that are on. */
async function look(): Promise<readonly string[]> {
  await advance(platform, MINUTE_MS);
  return (await evaluateAlarms(platform.ports, at("1997-10-02T00:01:00Z"))).map(({ name }) => name);
}

function leapTo(instantMs: EpochMs): void {
  const { clock } = platform.ports;
  if (!(clock instanceof DrivenClock)) throw new Error("the clock of this platform is not driven");
  clock.set(instantMs);
}
