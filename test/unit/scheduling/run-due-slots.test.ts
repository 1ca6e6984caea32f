// Slots are filled once: on the real ledger, by any number of processes, whatever dies in the middle.

import {
  acquireLease,
  findCursor,
  listRuns,
  MAX_FILLED_SLOTS,
  MAX_RUNS_AT_ONCE,
  releaseLease,
  runDueSlots,
  updateRun,
} from "@steward/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aFeatureGroup } from "../../support/builders.ts";
import { SlotWorld } from "../../support/slot-world.ts";

const HOUR_MS = 3_600_000;
const START_MS = 1_000_000 * HOUR_MS;
const ORDERS = aFeatureGroup({ name: "orders", schedule: "rate(1 hour)" });
const LOYALTY = aFeatureGroup({ name: "loyalty", freshness: "4 hours" });
/** What the names of the two give; the tests of scheduleOf hold that it stays so. */
const slotsOf = (world: SlotWorld, group: string): readonly number[] => world.finished.get(group) ?? [];
const runsOf = async (world: SlotWorld) =>
  (await listRuns(world.ledger)).map(({ group, asOfMs, status }) => ({ group, asOfMs, status }));

/** Seen at START_MS, and then left for so long. */
async function aWorldLeftFor(ms: number, groups = [ORDERS]): Promise<SlotWorld> {
  const world = new SlotWorld(groups, START_MS);
  await runDueSlots(world.portsOf("first"));
  world.nowMs += ms;
  return world;
}

describe("runDueSlots", () => {
  it("begins nothing when it sees a group for the first time: what lies before was nobody's to fill", async () => {
    const world = new SlotWorld([ORDERS], START_MS);

    const outcomes = await runDueSlots(world.portsOf("first"));

    expect(outcomes).toEqual([]);
    expect(await listRuns(world.ledger)).toEqual([]);
    expect(await findCursor(world.ledger, "orders")).toMatchObject({ throughMs: START_MS, claim: null });
  });

  it("fills three missed slots one after the other, each as of its own instant", async () => {
    const world = await aWorldLeftFor(3 * HOUR_MS);

    const [begun] = await runDueSlots(world.portsOf("second"));
    const again = await runDueSlots(world.portsOf("second"));
    await world.quiet();

    expect(begun).toMatchObject({ group: "orders", kind: "begun" });
    expect(again).toEqual([]);
    const slots = slotsOf(world, "orders");
    expect(slots).toHaveLength(3);
    expect(slots[0]).toBeGreaterThan(START_MS);
    expect(slots[0]).toBeLessThanOrEqual(START_MS + HOUR_MS);
    expect(slots.map((slot) => slot - (slots[0] ?? 0))).toEqual([0, HOUR_MS, 2 * HOUR_MS]);
  });

  it("fills the youngest slots of a long downtime and says how many it left out", async () => {
    const world = await aWorldLeftFor(100 * HOUR_MS);

    const outcomes = await runDueSlots(world.portsOf("second"));
    await world.quiet();

    expect(outcomes[0]).toEqual({ group: "orders", kind: "skipped", count: 100 - MAX_FILLED_SLOTS });
    expect(slotsOf(world, "orders")).toHaveLength(24);
    expect(world.nowMs - (slotsOf(world, "orders").at(-1) ?? 0)).toBeLessThan(HOUR_MS);
  });

  it("goes on with the next slot where a run fails by its data, and does not try that one again", async () => {
    const world = await aWorldLeftFor(2 * HOUR_MS);
    await runDueSlots(world.portsOf("second"));
    await world.work();
    const [run] = await listRuns(world.ledger);
    if (run === undefined) throw new Error("no run began");
    await world.end(run, "failed");

    await world.quiet();

    expect((await runsOf(world)).map(({ status }) => status)).toEqual(["failed", "succeeded"]);
  });

  it("waits while a person's run has the group, and leaves out the slots that it covers", async () => {
    const world = await aWorldLeftFor(3 * HOUR_MS);
    const person = world.portsOf("person");
    const scope = { workflow: "refresh", group: "orders" };
    const token = await acquireLease(person, scope, "by-hand", 60_000);

    const meanwhile = await runDueSlots(world.portsOf("second"));
    const begun = {
      asOfMs: world.nowMs,
      definition: "d",
      events: "e",
      runId: "by-hand",
      greatestEventTimeMs: null,
    };
    const key = { partition: "leases#orders", sort: "refresh" };
    const item = await world.ledger.find(key);
    if (item === undefined) throw new Error("there is no lease");
    await world.ledger.put(key, { ...item.body, begun, watermark: begun }, item);
    await releaseLease(world.ledger, scope, token);
    await world.quiet();
    world.nowMs += HOUR_MS;
    await world.quiet();

    expect(meanwhile).toEqual([]);
    expect(slotsOf(world, "orders")).toHaveLength(1);
    expect(slotsOf(world, "orders")[0]).toBeGreaterThan(begun.asOfMs);
  });

  it("takes a run up again that only met another run at the lease", async () => {
    const world = await aWorldLeftFor(HOUR_MS);
    await runDueSlots(world.portsOf("second"));
    const [run] = await listRuns(world.ledger);
    await updateRun(world.ledger, run?.runId ?? "", (present) => ({
      ...present,
      status: "failed",
      error: { name: "LeaseHeldError", message: "held" },
    }));

    const outcomes = await runDueSlots(world.portsOf("second"));
    await world.quiet();

    expect(outcomes).toMatchObject([{ kind: "continued", runId: run?.runId }]);
    expect(await runsOf(world)).toMatchObject([{ group: "orders", status: "succeeded" }]);
  });

  it("has at most so many runs at work, the longest waiting first, and comes to all", async () => {
    const groups = Array.from({ length: 7 }, (_, index) =>
      aFeatureGroup({ name: `group-${index}`, schedule: "rate(1 hour)" }),
    );
    const world = await aWorldLeftFor(HOUR_MS, groups);

    const outcomes = await runDueSlots(world.portsOf("second"));
    await world.quiet();

    expect(outcomes).toHaveLength(MAX_RUNS_AT_ONCE);
    expect(groups.map(({ name }) => slotsOf(world, name).length)).toEqual([1, 1, 1, 1, 1, 1, 1]);
  });

  it("makes nothing of a group for whose source nothing was ever handed in", async () => {
    const world = await aWorldLeftFor(3 * HOUR_MS);
    const ports = { ...world.portsOf("second"), incoming: { list: async () => [] } };

    await runDueSlots(ports);
    await world.quiet();

    expect(await listRuns(world.ledger)).toEqual([]);
  });

  it("keeps the others from nothing where one group fails", async () => {
    const world = await aWorldLeftFor(2 * HOUR_MS, [LOYALTY, ORDERS]);
    const ports = world.portsOf("second");
    const cannot = { ...ports.definitions, get: (name: string) => failFor("loyalty", name, ports) };

    const outcomes = await runDueSlots({ ...ports, definitions: cannot });

    expect(outcomes).toMatchObject([
      { group: "loyalty", kind: "failed" },
      { group: "orders", kind: "begun" },
    ]);
  });

  it("fills each slot exactly once and in order, whatever the interleaving and whoever is killed", async () => {
    const moves = fc.oneof(
      { weight: 12, arbitrary: fc.nat({ max: 2 }).map((place) => ({ kind: "step" as const, place })) },
      { weight: 1, arbitrary: fc.nat({ max: 2 }).map((place) => ({ kind: "kill" as const, place })) },
      { weight: 2, arbitrary: fc.constant({ kind: "work" as const, place: 0 }) },
      { weight: 1, arbitrary: fc.constant({ kind: "hour" as const, place: 0 }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(moves, { minLength: 30, maxLength: 120 }), async (story) => {
        const world = await aWorldLeftFor(2 * HOUR_MS, [ORDERS, LOYALTY]);
        for (const { kind, place } of story) {
          if (kind === "step") await world.step(place);
          else if (kind === "kill") world.kill(place);
          else if (kind === "work") await world.work();
          else world.nowMs += HOUR_MS;
        }
        world.killAll();
        await world.quiet();

        for (const [group, hours] of [
          ["orders", 1],
          ["loyalty", 2],
        ] as const) {
          const slots = slotsOf(world, group);
          const due = (world.nowMs - START_MS) / HOUR_MS / hours;
          expect(Math.abs(slots.length - due)).toBeLessThan(1);
          expect(slots.map((slot, at) => slot - (slots[0] ?? 0) - at * hours * HOUR_MS)).toEqual(
            slots.map(() => 0),
          );
        }
        expect((await listRuns(world.ledger)).filter(({ status }) => status !== "succeeded")).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

function failFor(broken: string, name: string, { definitions }: ReturnType<SlotWorld["portsOf"]>) {
  if (name === broken) throw new Error("cannot");
  return definitions.get(name);
}
