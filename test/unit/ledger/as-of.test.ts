// How a computation makes itself known: registered until it ends, and the greatest as-of of all, which only rises.

import { endAsOf, findGreatestAsOf, listOpenAsOfs, registerAsOf, toEpochMs } from "@steward/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aLedger } from "../../support/durable-stores.ts";

const register = (ledger: ReturnType<typeof aLedger>, runId: string, asOfMs: number, attempt = 1) =>
  registerAsOf(ledger, "customer", { runId, attempt, asOfMs: toEpochMs(asOfMs) });

describe("registerAsOf", () => {
  it("lists the computation until it has ended", async () => {
    const ledger = aLedger();
    await register(ledger, "run-1", 100);

    expect(await listOpenAsOfs(ledger, "customer")).toEqual([
      { runId: "run-1", attempt: 1, asOfMs: 100, ended: false },
    ]);
    await endAsOf(ledger, "customer", { runId: "run-1", attempt: 1 });
    expect(await listOpenAsOfs(ledger, "customer")).toEqual([]);
  });

  it("changes nothing when it is done again", async () => {
    const ledger = aLedger();
    await register(ledger, "run-1", 100);
    const before = await ledger.list("as-ofs#customer");

    await register(ledger, "run-1", 100);

    expect(await ledger.list("as-ofs#customer")).toEqual(before);
  });

  it("opens one that had ended again", async () => {
    const ledger = aLedger();
    await register(ledger, "run-1", 100);
    await endAsOf(ledger, "customer", { runId: "run-1", attempt: 1 });

    await register(ledger, "run-1", 100);

    expect(await listOpenAsOfs(ledger, "customer")).toHaveLength(1);
  });

  it("keeps attempts of a run apart", async () => {
    const ledger = aLedger();
    await register(ledger, "run-1", 100, 1);
    await register(ledger, "run-1", 100, 2);

    await endAsOf(ledger, "customer", { runId: "run-1", attempt: 1 });

    expect((await listOpenAsOfs(ledger, "customer")).map(({ attempt }) => attempt)).toEqual([2]);
  });

  it("keeps entities apart", async () => {
    const ledger = aLedger();
    await register(ledger, "run-1", 100);

    expect(await listOpenAsOfs(ledger, "product")).toEqual([]);
    expect(await findGreatestAsOf(ledger, "product")).toBeUndefined();
  });
});

describe("endAsOf", () => {
  it("does nothing for a computation that never registered", async () => {
    const ledger = aLedger();

    await endAsOf(ledger, "customer", { runId: "run-1", attempt: 1 });

    expect(await ledger.list("as-ofs#customer")).toEqual([]);
  });
});

describe("findGreatestAsOf", () => {
  it("counts computations that have ended", async () => {
    const ledger = aLedger();
    await register(ledger, "run-1", 200);
    await endAsOf(ledger, "customer", { runId: "run-1", attempt: 1 });
    await register(ledger, "run-2", 100);

    expect(await findGreatestAsOf(ledger, "customer")).toBe(200);
  });

  it("counts as-ofs before 1970", async () => {
    const ledger = aLedger();
    await register(ledger, "run-1", -500);

    expect(await findGreatestAsOf(ledger, "customer")).toBe(-500);
  });

  it("is the greatest ever registered and never falls, in any order, also of registrations that race", async () => {
    const asOfs = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1, maxLength: 8 });
    const ledger = aLedger();
    let entity = 0;
    await fc.assert(
      fc.asyncProperty(asOfs, async (values) => {
        entity += 1;
        await Promise.all(
          values.map((asOfMs, index) =>
            registerAsOf(ledger, `e${entity}`, {
              runId: `run-${index}`,
              attempt: 1,
              asOfMs: toEpochMs(asOfMs),
            }),
          ),
        );

        expect(await findGreatestAsOf(ledger, `e${entity}`)).toBe(Math.max(...values));
      }),
      { numRuns: 50 },
    );
  });
});
