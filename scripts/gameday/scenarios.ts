// The faults of a game day, and what each must get. docs/gameday.md has them as a table.

import type { FeatureGroup } from "@steward/core";
import { correctFile } from "./feed.ts";
import { briskSales, calmSales, calmVisits } from "./groups.ts";
import { PERIOD_MS, type World } from "./world.ts";

export interface Expectation {
  /** The alarms that may be the first to go on. */
  readonly alarm: RegExp;
  /** From the first bad check to the alarm, both counted. Default: 2. */
  readonly periods?: number;
  /** What is found to be wrong, at some decision. */
  readonly diagnosis: string;
  /** Of each group's incident, the diagnoses and the remedies that may be tried for them; `least` of them must be. */
  readonly remedies: readonly string[];
  readonly least: number;
  /** What a page must say; undefined: nobody is paged. */
  readonly page: RegExp | undefined;
  /** Groups, the platform itself as null, that have an incident. */
  readonly incidents: readonly (string | null)[];
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly groups: readonly FeatureGroup[];
  /** The fault. */
  readonly inject: (world: World) => Promise<void>;
  /** What a person does once they were paged, or what passes by itself; the recovery is then Steward's own. */
  readonly heal?: (world: World) => Promise<void>;
  readonly expected: Expectation;
}

const SALES = briskSales.name;
const VISITS = calmVisits.name;
/** The objective, the checks until an alarm, what a remedy takes, and room for a slow machine. */
const PATIENCE_MINUTES = 90;
const AGE = /^freshness-/;

const untilPaged = (world: World): Promise<void> =>
  world.until("somebody is paged", PATIENCE_MINUTES, async () => world.pages().length > 0);

async function orderErrors(world: World, errorRate: number): Promise<void> {
  const reply = await fetch(new URL("/_steward/faults", world.platform.services.featureStore.url), {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ errorRate }),
  });
  if (!reply.ok) throw new Error("the emulator refused the fault");
}

/** In every other period a measure that says that five records differ. */
function flap(world: World): () => void {
  let isFlapping = true;
  let putMs = 0;
  world.everyTick(async () => {
    const period = Math.floor(world.nowMs / PERIOD_MS);
    if (!isFlapping || period % 2 === 1 || period === putMs) return;
    putMs = period;
    const dimensions = { group: SALES, side: "hot" };
    const atMs = world.nowMs;
    await world.platform.ports.metrics.put([
      { name: "SampleDifferences", value: 5, unit: "Count", dimensions, atMs },
    ]);
  });
  return () => {
    isFlapping = false;
  };
}

let stopFlapping: () => void = () => {};

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "stalled-job",
    title: "A batch job stands still",
    groups: [briskSales],
    inject: async ({ engine }) => engine.stallOnce(),
    expected: {
      alarm: AGE,
      diagnosis: "run-stuck",
      remedies: ["run-stuck: restart"],
      least: 1,
      page: undefined,
      incidents: [SALES],
    },
  },
  {
    name: "bad-data",
    title: "A job fails: half of a file's rows break a rule",
    groups: [briskSales],
    inject: async ({ feeds }) => void feeds.set("sales", "malformed"),
    heal: async (world) => {
      await untilPaged(world);
      world.feeds.set("sales", "sound");
      for (const { source, path, mode } of world.dropped)
        if (mode === "malformed") correctFile(path, source, world.nowMs);
    },
    expected: {
      alarm: AGE,
      diagnosis: "run-failed",
      remedies: [],
      least: 0,
      page: /the last run failed[\s\S]*the data broke a rule/,
      incidents: [SALES],
    },
  },
  {
    name: "lost-capacity",
    title: "A job fails: the batch engine gets no capacity until somebody looks",
    groups: [calmSales],
    inject: async ({ engine }) => engine.lackCapacity(true),
    heal: async (world) => {
      await world.until("the run has failed", PATIENCE_MINUTES, async () =>
        (await world.incidents()).some(({ decisions }) =>
          decisions.some(({ diagnosis }) => diagnosis === "run-failed"),
        ),
      );
      world.engine.lackCapacity(false);
    },
    expected: {
      alarm: AGE,
      diagnosis: "run-failed",
      remedies: ["run-failed: rerun", "run-failed: restart", "run-stuck: restart"],
      least: 1,
      page: undefined,
      incidents: [SALES],
    },
  },
  {
    name: "store-away",
    title: "The online store answers with errors for ten minutes",
    groups: [briskSales],
    inject: (world) => orderErrors(world, 1),
    heal: async (world) => {
      await world.pass(10);
      await orderErrors(world, 0);
    },
    expected: {
      alarm: /^(difference|freshness)-customer-sales-online$/,
      diagnosis: "store-away",
      remedies: ["run-failed: redrive", "run-failed: rerun", "online-behind: rebuild"],
      least: 0,
      page: undefined,
      incidents: [SALES],
    },
  },
  {
    name: "silent-source",
    title: "A source sends nothing",
    groups: [briskSales],
    inject: async ({ feeds }) => void feeds.set("sales", "off"),
    heal: async (world) => {
      await untilPaged(world);
      world.feeds.set("sales", "sound");
    },
    expected: {
      alarm: AGE,
      diagnosis: "source-silent",
      remedies: ["run-missing: rerun"],
      least: 0,
      page: /the source is silent[\s\S]*source "sales" has sent nothing for/,
      incidents: [SALES],
    },
  },
  {
    name: "silent-partition",
    title: "One shop of two sends nothing",
    groups: [briskSales],
    inject: async ({ feeds }) => void feeds.set("sales", "one-shop"),
    heal: async (world) => {
      await untilPaged(world);
      world.feeds.set("sales", "sound");
    },
    expected: {
      alarm: AGE,
      diagnosis: "partition-silent",
      remedies: ["run-missing: rerun"],
      least: 0,
      page: /one partition of the source is silent[\s\S]*"?south"?/,
      incidents: [SALES],
    },
  },
  {
    name: "hot-flushed",
    title: "The hot store is flushed",
    groups: [calmSales],
    inject: async ({ platform }) => void (await platform.wipe("hot")),
    expected: {
      alarm: /^(difference|freshness)-customer-sales-hot$/,
      diagnosis: "hot-behind",
      remedies: ["hot-behind: rebuild"],
      least: 1,
      page: undefined,
      incidents: [SALES],
    },
  },
  {
    name: "online-behind",
    title: "The online store has lost its records",
    groups: [calmSales],
    inject: async ({ platform }) => void (await platform.wipe("online")),
    expected: {
      alarm: /^(difference|freshness)-customer-sales-online$/,
      diagnosis: "online-behind",
      remedies: ["online-behind: rebuild"],
      least: 1,
      page: undefined,
      incidents: [SALES],
    },
  },
  {
    name: "clock-skew",
    title: "A source's clock is an hour ahead",
    groups: [briskSales],
    inject: async ({ feeds }) => void feeds.set("sales", "ahead"),
    heal: async (world) => {
      await untilPaged(world);
      world.feeds.set("sales", "sound");
      for (const { source, path, mode } of world.dropped)
        if (mode === "ahead") correctFile(path, source, world.nowMs);
    },
    expected: {
      alarm: AGE,
      diagnosis: "run-failed",
      remedies: [],
      least: 0,
      page: /the last run failed[\s\S]*the data broke a rule/,
      incidents: [SALES],
    },
  },
  {
    name: "checker-killed",
    title: "The freshness checker is killed",
    groups: [calmSales],
    inject: ({ platform }) => platform.stopUpkeep("freshness"),
    heal: async (world) => {
      await untilPaged(world);
      world.platform.startUpkeep();
    },
    expected: {
      alarm: /^freshness-checker$/,
      diagnosis: "checker-broken",
      remedies: [],
      least: 0,
      page: /the freshness checker does not report/,
      incidents: [SALES, null],
    },
  },
  {
    name: "flapping-metric",
    title: "A metric flaps: bad in every other period",
    groups: [calmSales],
    inject: async (world) => {
      stopFlapping = flap(world);
    },
    heal: async (world) => {
      await world.pass(12);
      stopFlapping();
    },
    expected: {
      alarm: /^difference-customer-sales-hot$/,
      periods: 3,
      diagnosis: "recovered",
      remedies: [],
      least: 0,
      page: undefined,
      incidents: [SALES],
    },
  },
  {
    name: "two-groups",
    title: "The hot store is flushed under two groups at once",
    groups: [calmSales, calmVisits],
    inject: async ({ platform }) => void (await platform.wipe("hot")),
    expected: {
      alarm: /^(difference|freshness)-(customer-sales|product-visits)-hot$/,
      diagnosis: "hot-behind",
      remedies: ["hot-behind: rebuild"],
      least: 1,
      page: undefined,
      incidents: [SALES, VISITS],
    },
  },
];
