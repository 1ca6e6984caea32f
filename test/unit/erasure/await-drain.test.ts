import {
  acceptErasure,
  awaitErasureDrain,
  listOpenAsOfs,
  type RunRef,
  registerAsOf,
  toEpochMs,
} from "@steward/core";
import { describe, expect, it } from "vitest";
import { acquireErasureLease } from "../../../packages/core/src/erasure/acquire-lease.ts";
import { suppressForErasure } from "../../../packages/core/src/erasure/suppress-subjects.ts";
import { newRun } from "../../../packages/core/src/ledger/attempt.ts";
import { takeLease } from "../../../packages/core/src/ledger/hold.ts";
import { createRun, getRun } from "../../../packages/core/src/ledger/run.ts";
import { anErasureBench, type ErasureBench } from "../../support/erasures.ts";

const AS_OF = toEpochMs(1_000);
const SETTINGS = { workerLifeMs: 1_000, leaseMs: 60_000 };

describe("awaitErasureDrain", () => {
  it("is over once the longest life of a worker has passed, where nothing was at work", async () => {
    const bench = anErasureBench(undefined, SETTINGS);
    const ref = await anErasure(bench);
    const begunMs = bench.timer.nowMs();

    expect(await awaitErasureDrain(bench.ports, ref, 10_000)).toEqual({ drained: true, openCount: 0 });

    expect(bench.timer.nowMs() - begunMs).toBeGreaterThanOrEqual(1_000);
    expect(bench.timer.nowMs() - begunMs).toBeLessThan(1_500);
  });

  it("waits for a run that registered before and is at work, and not for one that registered after", async () => {
    const bench = anErasureBench(undefined, SETTINGS);
    await aRefresh(bench, "before");
    const ref = await anErasure(bench);

    const first = await awaitErasureDrain(bench.ports, ref, 2_000);
    await registerAsOf(bench.ports.ledger, "customer", { runId: "after", attempt: 1, asOfMs: AS_OF });
    const { endAsOf } = await import("@steward/core");
    await endAsOf(bench.ports.ledger, "customer", { runId: "before", attempt: 1 });
    const second = await awaitErasureDrain(bench.ports, ref, 2_000);

    expect(first).toEqual({ drained: false, openCount: 1 });
    expect(second).toEqual({ drained: true, openCount: 0 });
  });

  it.each(["whose process is dead", "whose lease lapsed"])(
    "cancels a run %s, and takes its token",
    async (kind) => {
      const bench = anErasureBench(undefined, { ...SETTINGS, leaseMs: 5_000 });
      await aRefresh(bench, "before");
      const { token } = await getRun(bench.ports.ledger, "before");
      if (kind === "whose process is dead") bench.dead.add("me");
      else bench.timer.advance(6_000);
      const ref = await anErasure(bench);

      const drain = await awaitErasureDrain(bench.ports, ref, 2_000);

      expect(drain.drained).toBe(true);
      const run = await getRun(bench.ports.ledger, "before");
      expect(run).toMatchObject({ status: "cancelled", token });
      await expect(takeLease(bench.ports, { runId: "before", attempt: 1 })).rejects.toThrow("cancelled");
      expect(await listOpenAsOfs(bench.ports.ledger, "customer")).toEqual([]);
    },
  );

  it("ends what has no run once its process is dead or its time is over", async () => {
    const bench = anErasureBench(undefined, SETTINGS);
    const { ledger } = bench.ports;
    const expiresAtMs = bench.timer.nowMs() + 1_500;
    bench.dead.add("dead");
    await registerAsOf(ledger, "customer", {
      runId: "x",
      attempt: 1,
      asOfMs: AS_OF,
      process: "dead",
      expiresAtMs: 9e12,
    });
    await registerAsOf(ledger, "customer", {
      runId: "y",
      attempt: 1,
      asOfMs: AS_OF,
      process: "alive",
      expiresAtMs,
    });
    const ref = await anErasure(bench);

    const drain = await awaitErasureDrain(bench.ports, ref, 5_000);

    expect(drain).toEqual({ drained: true, openCount: 0 });
    expect(bench.timer.nowMs()).toBeGreaterThanOrEqual(expiresAtMs);
  });
});

/** An erasure that holds its lease and has suppressed its subjects. */
async function anErasure(bench: ErasureBench): Promise<RunRef> {
  const { run } = await acceptErasure(bench.ports, { entity: "customer", identifiers: ["00042"] });
  const ref = { runId: run.runId, attempt: 1 };
  await acquireErasureLease(bench.ports, ref);
  await suppressForErasure(bench.ports, ref);
  return ref;
}

/** A refresh that is at work: lease taken, as-of registered. */
async function aRefresh({ ports }: ErasureBench, runId: string): Promise<void> {
  await createRun(
    ports.ledger,
    newRun(ports, { runId, workflow: "refresh", group: "customer-orders", asOfMs: AS_OF, inputs: [] }),
  );
  await takeLease(ports, { runId, attempt: 1 });
  await registerAsOf(ports.ledger, "customer", { runId, attempt: 1, asOfMs: AS_OF });
}
