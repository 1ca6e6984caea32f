// Which attempts a run that has taken the group finds abandoned: its own earlier ones, and those of unfinished runs before it.

import { createRun, getRun, newRun, type Run, toEpochMs } from "@steward/core";
import { describe, expect, it } from "vitest";
import { supersedeAbandoned } from "../../../packages/core/src/ledger/abandoned-runs.ts";
import { aLedger, DrivenTimer } from "../../support/durable-stores.ts";

function aRun(runId: string, overrides: Partial<Run> = {}): Run {
  const given = { runId, workflow: "refresh", group: "customer-orders", asOfMs: toEpochMs(0), inputs: [] };
  return { ...newRun({ timer: new DrivenTimer(9_000) }, given), ...overrides };
}

async function abandonedBy(current: Run, others: readonly Run[]) {
  const ledger = aLedger();
  for (const run of [...others, current]) await createRun(ledger, run);
  const attempts = await supersedeAbandoned(ledger, current);
  return { ledger, names: attempts.map(({ runId, attempt }) => `${runId} attempt ${attempt}`) };
}

describe("supersedeAbandoned", () => {
  it("names every attempt of a run that held the group before, oldest first, and supersedes it", async () => {
    const failed = aRun("run-1", { status: "failed", attempt: 2, token: 1, endedAtMs: 7_000 });
    const killed = aRun("run-2", { token: 2 });

    const { ledger, names } = await abandonedBy(aRun("run-3", { token: 3 }), [failed, killed]);

    expect(names).toEqual(["run-1 attempt 1", "run-1 attempt 2", "run-2 attempt 1"]);
    expect(await getRun(ledger, "run-1")).toMatchObject({ status: "superseded", endedAtMs: 7_000 });
    expect(await getRun(ledger, "run-2")).toMatchObject({ status: "superseded", endedAtMs: 9_000 });
  });

  it("names the earlier attempts of the run itself, and leaves it at work", async () => {
    const { ledger, names } = await abandonedBy(aRun("run-1", { attempt: 3, token: 5 }), []);

    expect(names).toEqual(["run-1 attempt 1", "run-1 attempt 2"]);
    expect((await getRun(ledger, "run-1")).status).toBe("running");
  });

  it.each([
    ["has succeeded", { status: "succeeded", token: 1 }],
    ["waits for the lease", { token: 0 }],
    ["took the lease later", { token: 4 }],
    ["is of another group", { group: "customer-orders-2", token: 1 }],
    ["is of another workflow", { workflow: "rebuild", token: 1 }],
  ] as const)("leaves a run alone that %s", async (_, overrides) => {
    const other = aRun("run-1", overrides);

    const { ledger, names } = await abandonedBy(aRun("run-2", { token: 3 }), [other]);

    expect(names).toEqual([]);
    expect(await getRun(ledger, "run-1")).toEqual(other);
  });

  it("names what it has superseded no second time", async () => {
    const current = aRun("run-2", { token: 3 });
    const { ledger } = await abandonedBy(current, [aRun("run-1", { status: "failed", token: 1 })]);

    expect(await supersedeAbandoned(ledger, current)).toEqual([]);
  });
});
