// Computation and suppression: each makes itself known before it looks for the other, so that one of the two always sees
// the other. Every interleaving of their steps is tried on the real ledger code, and the wrong orders are seen to fail.

import {
  findGreatestAsOf,
  isSuppressed,
  type Ledger,
  listOpenAsOfs,
  readSuppressions,
  registerAsOf,
  suppressionPartition,
  tagOf,
  toEpochMs,
} from "@steward/core";
import { describe, expect, it } from "vitest";
import {
  readSuppressionsOf,
  readSuppressionsOfTags,
} from "../../../packages/core/src/suppression/read-suppressions.ts";
import { aLedger } from "../../support/durable-stores.ts";

const SUBJECT = `abc${"0".repeat(61)}`;
const KEY = { partition: suppressionPartition("customer", tagOf(SUBJECT)), sort: SUBJECT };
/** The clock of whoever suppresses lies before the as-of: clocks do not agree. */
const AS_OF = toEpochMs(2_000);
const ERASER_NOW = 1_000;

type Step = () => Promise<void>;

interface Actors {
  /** What the computation does, a ledger call a step. */
  readonly computation: readonly Step[];
  readonly suppression: readonly Step[];
  /** Whether the computation left the subject's old events out, or the suppression's T bars what it wrote. */
  outcome(): { readonly leftOut: boolean; readonly barred: boolean };
}

type Build = (ledger: Ledger) => Actors;

const rightOrder: Build = (ledger) => {
  let leftOut = false;
  let untilMs: number | undefined;
  let greatest: number | undefined;
  const [registration, greatestItem] = registrationSteps(ledger);
  return {
    computation: [
      registration,
      greatestItem,
      async () => {
        leftOut = isSuppressed(await findSuppression(ledger), toEpochMs(500));
      },
    ],
    suppression: [
      async () => {
        await ledger.put(KEY, {}, "absent");
      },
      async () => {
        greatest = await findGreatestAsOf(ledger, "customer");
      },
      async () => {
        untilMs = Math.max(ERASER_NOW, greatest ?? ERASER_NOW) + 1;
        await ledger.put(KEY, { untilMs }, { version: 1 });
      },
    ],
    outcome: () => ({ leftOut, barred: untilMs !== undefined && AS_OF <= untilMs }),
  };
};

/** Takes T before it is recorded: a computation that registers between the two sees nothing and is not seen. */
const timeTakenFirst: Build = (ledger) => {
  const right = rightOrder(ledger);
  let untilMs = 0;
  return {
    computation: right.computation,
    suppression: [
      async () => {
        untilMs = Math.max(ERASER_NOW, (await findGreatestAsOf(ledger, "customer")) ?? ERASER_NOW) + 1;
      },
      async () => {
        await ledger.put(KEY, { untilMs }, "absent");
      },
    ],
    outcome: () => ({ leftOut: right.outcome().leftOut, barred: AS_OF <= untilMs }),
  };
};

/** Reads the suppressions before it registers. */
const readFirst: Build = (ledger) => {
  const right = rightOrder(ledger);
  const [registration, greatestItem, read] = right.computation as [Step, Step, Step];
  return { ...right, computation: [read, registration, greatestItem], outcome: right.outcome };
};

describe("registerAsOf and a suppression", () => {
  it("one always sees the other, in all interleavings of their steps", async () => {
    const outcomes = await tryAll(rightOrder);

    expect(outcomes).toHaveLength(20);
    expect(outcomes.filter(({ leftOut, barred }) => !leftOut && !barred)).toEqual([]);
    expect(outcomes.some(({ leftOut, barred }) => leftOut && !barred)).toBe(true);
    expect(outcomes.some(({ leftOut, barred }) => !leftOut && barred)).toBe(true);
  });

  it.each([
    ["a suppression that takes its time before it is recorded", timeTakenFirst],
    ["a computation that reads before it registers", readFirst],
  ])("miss each other in some interleaving of %s: the order is what protects", async (_, build) => {
    const outcomes = await tryAll(build);

    expect(outcomes.some(({ leftOut, barred }) => !leftOut && !barred)).toBe(true);
  });

  it("registers with the greatest as-of raised before it returns", async () => {
    const ledger = aLedger();

    await registerAsOf(ledger, "customer", { runId: "run-1", attempt: 1, asOfMs: AS_OF });

    expect(await findGreatestAsOf(ledger, "customer")).toBe(AS_OF);
    expect(await listOpenAsOfs(ledger, "customer")).toHaveLength(1);
  });
});

describe("readSuppressions", () => {
  it("finds those of every tag of the entity, the first and the last, and no other entity's", async () => {
    const ledger = aLedger();
    const subjects = ["000", "abc", "fff"].map((tag) => tag.padEnd(64, "1"));
    for (const [index, pseudonym] of subjects.entries())
      await record(ledger, "customer", pseudonym, index === 0 ? undefined : index);
    await record(ledger, "customer-2", "abc".padEnd(64, "2"), 9);

    expect(await readSuppressions(ledger, "customer")).toEqual([
      { entity: "customer", pseudonym: subjects[0], untilMs: undefined },
      { entity: "customer", pseudonym: subjects[1], untilMs: 1 },
      { entity: "customer", pseudonym: subjects[2], untilMs: 2 },
    ]);
  });

  it("finds several subjects of one tag", async () => {
    const ledger = aLedger();
    const subjects = ["1", "2", "3"].map((digit) => "abc".padEnd(64, digit));
    for (const pseudonym of subjects) await record(ledger, "customer", pseudonym, 7);

    const found = await readSuppressionsOfTags(ledger, "customer", ["abc"]);

    expect(found.map(({ pseudonym }) => pseudonym)).toEqual(subjects);
  });
});

describe("readSuppressionsOf", () => {
  it("finds the suppressions of the subjects that are asked for", async () => {
    const ledger = aLedger();
    await record(ledger, "customer", SUBJECT, 7);

    const found = await readSuppressionsOf(ledger, "customer", [SUBJECT, "def".padEnd(64, "0")]);

    expect(found.get(SUBJECT)?.untilMs).toBe(7);
    expect(found.has("def".padEnd(64, "0"))).toBe(false);
  });
});

describe("isSuppressed", () => {
  it.each<[string, number | undefined, number, boolean]>([
    ["what is dated before T", 10, 9, true],
    ["what is dated T", 10, 10, true],
    ["what is dated after T", 10, 11, false],
    ["everything while T is not known", undefined, 11, true],
  ])("of %s", (_, untilMs, eventTimeMs, expected) => {
    const suppression = {
      entity: "customer",
      pseudonym: SUBJECT,
      untilMs: untilMs === undefined ? undefined : toEpochMs(untilMs),
    };

    expect(isSuppressed(suppression, toEpochMs(eventTimeMs))).toBe(expected);
  });

  it("is false of a subject without one", () => {
    expect(isSuppressed(undefined, toEpochMs(0))).toBe(false);
  });
});

async function record(
  ledger: Ledger,
  entity: string,
  pseudonym: string,
  untilMs: number | undefined,
): Promise<void> {
  const partition = suppressionPartition(entity, tagOf(pseudonym));
  await ledger.put({ partition, sort: pseudonym }, untilMs === undefined ? {} : { untilMs }, "absent");
}

async function findSuppression(ledger: Ledger) {
  return (await readSuppressionsOf(ledger, "customer", [SUBJECT])).get(SUBJECT);
}

/** The writes of registerAsOf one by one: its code runs against a ledger that holds it back before each put. */
function registrationSteps(ledger: Ledger): readonly [Step, Step] {
  let release: (() => void) | undefined;
  let reached: (() => void) | undefined;
  let done: Promise<void> | undefined;
  const gated: Ledger = {
    find: (key) => ledger.find(key),
    list: (...given) => ledger.list(...given),
    remove: (...given) => ledger.remove(...given),
    async put(key, body, expected) {
      if (key.sort === "greatest") {
        reached?.();
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      }
      return ledger.put(key, body, expected);
    },
  };
  return [
    async () => {
      const stopped = new Promise<void>((resolve) => {
        reached = resolve;
      });
      done = registerAsOf(gated, "customer", { runId: "run-1", attempt: 1, asOfMs: AS_OF });
      await Promise.race([stopped, done]);
    },
    async () => {
      release?.();
      await done;
    },
  ];
}

/** Runs the two through every interleaving of their steps, each on items of its own. */
async function tryAll(build: Build): Promise<readonly ReturnType<Actors["outcome"]>[]> {
  const outcomes: ReturnType<Actors["outcome"]>[] = [];
  const { computation, suppression } = build(aLedger());
  for (const order of interleavings(computation.length, suppression.length)) {
    const actors = build(aLedger());
    const [first, second] = [[...actors.computation], [...actors.suppression]];
    for (const isComputation of order) await (isComputation ? first : second).shift()?.();
    outcomes.push(actors.outcome());
  }
  return outcomes;
}

/** All ways to merge so many steps of one with so many of the other: 3 and 3 give 20. */
function interleavings(ofFirst: number, ofSecond: number): readonly (readonly boolean[])[] {
  if (ofFirst === 0) return [Array(ofSecond).fill(false)];
  if (ofSecond === 0) return [Array(ofFirst).fill(true)];
  return [
    ...interleavings(ofFirst - 1, ofSecond).map((rest) => [true, ...rest]),
    ...interleavings(ofFirst, ofSecond - 1).map((rest) => [false, ...rest]),
  ];
}
