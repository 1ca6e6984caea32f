// Computation and suppression: each makes itself known before it looks for the other, so that one of the two always sees
// the other. Every order of their calls of the ledger is tried on the real code, and the wrong orders are seen to fail.

import {
  findSuppressionTime,
  isSuppressed,
  type Ledger,
  readSuppressions,
  recordSuppressions,
  registerAsOf,
  settleSuppressions,
  suppressionPartition,
  tagOf,
  takeSuppressionTime,
  toEpochMs,
} from "@steward/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSuppressionsOf } from "../../../packages/core/src/suppression/read-suppressions.ts";
import { aLedger } from "../../support/durable-stores.ts";
import { type Act, countCalls, interleavings, runInOrder } from "../../support/ledger-steps.ts";

const SUBJECT = `abc${"0".repeat(61)}`;
/** The clock of whoever suppresses lies before the as-of: clocks do not agree. */
const AS_OF = toEpochMs(2_000);
const ERASER_NOW = toEpochMs(1_000);
const REQUEST = "request-1";
const clock = { now: () => ERASER_NOW };

/** What a computation made of what it read, and what the request took. */
interface Outcome {
  /** Whether the computation left the subject's events of the time 500 out. */
  leftOut: boolean;
  /** Whether the suppression bars what the computation wrote, dated its as-of. */
  barred: boolean;
}

interface Scene {
  readonly computation: Act;
  readonly suppression: Act;
  readonly outcome: Outcome;
}

const read = (ledger: Ledger, entity: string) => readSuppressionsOf(ledger, entity, [SUBJECT]);
const register = (ledger: Ledger, entity: string) =>
  registerAsOf(ledger, entity, { runId: "run-1", attempt: 1, asOfMs: AS_OF });

/** Both as the code has them. */
function rightOrder(entity: string): Scene {
  const outcome: Outcome = { leftOut: false, barred: false };
  return {
    outcome,
    async computation(ledger) {
      await register(ledger, entity);
      outcome.leftOut = isSuppressed((await read(ledger, entity)).get(SUBJECT), toEpochMs(500));
    },
    async suppression(ledger) {
      await recordSuppressions(ledger, entity, REQUEST, [SUBJECT]);
      const untilMs = await takeSuppressionTime({ ledger, clock }, entity, REQUEST);
      await settleSuppressions(ledger, entity, REQUEST, [SUBJECT], untilMs);
      outcome.barred = AS_OF <= untilMs;
    },
  };
}

/** Takes T before it is recorded: a computation that registers between the two sees nothing and is not seen. */
function timeTakenFirst(entity: string): Scene {
  const { computation, outcome } = rightOrder(entity);
  return {
    computation,
    outcome,
    async suppression(ledger) {
      const untilMs = await takeSuppressionTime({ ledger, clock }, entity, REQUEST);
      await recordSuppressions(ledger, entity, REQUEST, [SUBJECT]);
      await settleSuppressions(ledger, entity, REQUEST, [SUBJECT], untilMs);
      outcome.barred = AS_OF <= untilMs;
    },
  };
}

/** Reads the suppressions before it registers. */
function readFirst(entity: string): Scene {
  const { suppression, outcome } = rightOrder(entity);
  return {
    suppression,
    outcome,
    async computation(ledger) {
      outcome.leftOut = isSuppressed((await read(ledger, entity)).get(SUBJECT), toEpochMs(500));
      await register(ledger, entity);
    },
  };
}

describe("suppression and computation", () => {
  it("one always sees the other, in all interleavings of their calls", async () => {
    const outcomes = await tryAll(rightOrder);

    expect(outcomes.length).toBeGreaterThan(1_000);
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

  it("hold with two requests for one subject at once, each for its own time", async () => {
    const ledger = aLedger();
    let entity = 0;
    const orders = fc.array(fc.nat({ max: 2 }), { minLength: 20, maxLength: 40 });
    const missed: number[][] = [];
    await fc.assert(
      fc.asyncProperty(orders, fc.integer({ min: 500, max: 3_000 }), async (order, secondNow) => {
        entity += 1;
        const name = `e${entity}`;
        const times: number[] = [];
        let readUntil: number | undefined = Number.NEGATIVE_INFINITY;
        const request =
          (id: string, now: number): Act =>
          async (steps) => {
            await recordSuppressions(steps, name, id, [SUBJECT]);
            const ports = { ledger: steps, clock: { now: () => toEpochMs(now) } };
            const untilMs = await takeSuppressionTime(ports, name, id);
            await settleSuppressions(steps, name, id, [SUBJECT], untilMs);
            times.push(untilMs);
          };
        const computation: Act = async (steps) => {
          await register(steps, name);
          const found = (await read(steps, name)).get(SUBJECT);
          readUntil = found === undefined ? Number.NEGATIVE_INFINITY : found.untilMs;
        };

        await runInOrder(ledger, [computation, request("a", 1_000), request("b", secondNow)], order);

        const isMissed = times.some((until) => AS_OF > until && readUntil !== undefined && readUntil < until);
        if (isMissed) missed.push([...order]);
        expect((await read(ledger, name)).get(SUBJECT)?.untilMs).toBe(Math.max(...times));
      }),
      { numRuns: 1_000 },
    );

    expect(missed).toEqual([]);
  });
});

describe("recordSuppressions", () => {
  it("leaves all of the subject out, whatever an earlier request left, until the time is written down", async () => {
    const ledger = aLedger();
    await settleSuppressions(ledger, "customer", "earlier", [SUBJECT], toEpochMs(10));
    expect((await read(ledger, "customer")).get(SUBJECT)?.untilMs).toBe(10);

    await recordSuppressions(ledger, "customer", REQUEST, [SUBJECT]);

    const pending = (await read(ledger, "customer")).get(SUBJECT);
    expect(pending?.untilMs).toBeUndefined();
    expect(isSuppressed(pending, toEpochMs(5_000))).toBe(true);
    await settleSuppressions(ledger, "customer", REQUEST, [SUBJECT], toEpochMs(20));
    expect((await read(ledger, "customer")).get(SUBJECT)?.untilMs).toBe(20);
  });

  it("records many subjects of many tags, and none of another entity", async () => {
    const ledger = aLedger();
    const subjects = Array.from({ length: 200 }, (_, index) =>
      (index * 16).toString(16).padStart(3, "0").padEnd(64, "0"),
    );

    await recordSuppressions(ledger, "customer", REQUEST, subjects);

    expect((await readSuppressions(ledger, "customer")).map(({ pseudonym }) => pseudonym)).toEqual(subjects);
    expect(await readSuppressions(ledger, "product")).toEqual([]);
  });

  it("does not open again what the request has settled", async () => {
    const ledger = aLedger();
    const untilMs = await suppress(ledger);

    await recordSuppressions(ledger, "customer", REQUEST, [SUBJECT]);

    expect((await read(ledger, "customer")).get(SUBJECT)?.untilMs).toBe(untilMs);
  });
});

describe("takeSuppressionTime", () => {
  it("is one millisecond after now when nothing later was registered", async () => {
    const ledger = aLedger();
    await registerAsOf(ledger, "customer", { runId: "run-1", attempt: 1, asOfMs: toEpochMs(900) });

    expect(await takeSuppressionTime({ ledger, clock }, "customer", REQUEST)).toBe(1_001);
  });

  it("is one millisecond after the greatest as-of that was ever registered, when that lies later", async () => {
    const ledger = aLedger();
    await register(ledger, "customer");

    expect(await takeSuppressionTime({ ledger, clock }, "customer", REQUEST)).toBe(2_001);
  });

  it("is taken once: a retry at a later time, and a racing process, get the same", async () => {
    const ledger = aLedger();
    const later = { now: () => toEpochMs(9_000) };

    const racing = await Promise.all([
      takeSuppressionTime({ ledger, clock }, "customer", REQUEST),
      takeSuppressionTime({ ledger, clock: later }, "customer", REQUEST),
    ]);
    const retried = await takeSuppressionTime({ ledger, clock: later }, "customer", REQUEST);

    expect(new Set([...racing, retried]).size).toBe(1);
    expect(await findSuppressionTime(ledger, "customer", REQUEST)).toBe(retried);
    expect(await findSuppressionTime(ledger, "customer", "request-2")).toBeUndefined();
  });

  it("is another for another request, and another entity", async () => {
    const ledger = aLedger();
    await takeSuppressionTime({ ledger, clock }, "customer", REQUEST);
    const later = { now: () => toEpochMs(9_000) };

    expect(await takeSuppressionTime({ ledger, clock: later }, "customer", "request-2")).toBe(9_001);
    expect(await takeSuppressionTime({ ledger, clock: later }, "product", REQUEST)).toBe(9_001);
  });
});

describe("settleSuppressions", () => {
  it("never brings a suppression down", async () => {
    const ledger = aLedger();
    await settleSuppressions(ledger, "customer", "later", [SUBJECT], toEpochMs(50));

    await settleSuppressions(ledger, "customer", REQUEST, [SUBJECT], toEpochMs(20));

    expect((await read(ledger, "customer")).get(SUBJECT)?.untilMs).toBe(50);
  });

  it("leaves the subject out whole while another request has not written its time", async () => {
    const ledger = aLedger();
    await recordSuppressions(ledger, "customer", REQUEST, [SUBJECT]);
    await recordSuppressions(ledger, "customer", "request-2", [SUBJECT]);

    await settleSuppressions(ledger, "customer", REQUEST, [SUBJECT], toEpochMs(20));

    expect((await read(ledger, "customer")).get(SUBJECT)?.untilMs).toBeUndefined();
  });

  it("changes nothing when it is done again", async () => {
    const ledger = aLedger();
    await suppress(ledger);
    const partition = suppressionPartition("customer", tagOf(SUBJECT));
    const before = await ledger.list(partition);

    await suppress(ledger);

    expect(await ledger.list(partition)).toEqual(before);
  });
});

async function suppress(ledger: Ledger) {
  await recordSuppressions(ledger, "customer", REQUEST, [SUBJECT]);
  const untilMs = await takeSuppressionTime({ ledger, clock }, "customer", REQUEST);
  await settleSuppressions(ledger, "customer", REQUEST, [SUBJECT], untilMs);
  return untilMs;
}

/** Runs the two through every interleaving of their calls, each time for an entity of its own. */
async function tryAll(build: (entity: string) => Scene): Promise<readonly Outcome[]> {
  const ledger = aLedger();
  const dry = build("dry");
  const calls = await countCalls(ledger, dry.computation);
  const outcomes: Outcome[] = [];
  let entity = 0;
  for (const order of interleavings(calls, await countCalls(ledger, build("dry-2").suppression))) {
    entity += 1;
    const scene = build(`e${entity}`);
    await runInOrder(ledger, [scene.computation, scene.suppression], order);
    outcomes.push(scene.outcome);
  }
  return outcomes;
}
