// The lives that a run may lead: exactly those of the table.

import {
  ConflictError,
  createRun,
  findRun,
  getRun,
  listRuns,
  NotFoundError,
  type Run,
  type RunStatus,
  toEpochMs,
  updateRun,
} from "@steward/core";
import { describe, expect, it } from "vitest";
import { aLedger } from "../../support/durable-stores.ts";

const STATUSES: readonly RunStatus[] = ["running", "succeeded", "failed", "cancelled", "superseded"];
const ALLOWED = new Set([
  "running → succeeded",
  "running → failed",
  "running → cancelled",
  "running → superseded",
  "failed → running",
  "failed → superseded",
  "cancelled → running",
  "cancelled → superseded",
]);

function aRun(overrides: Partial<Run> = {}): Run {
  return {
    runId: "run-1",
    workflow: "refresh",
    group: "customer-orders",
    asOfMs: toEpochMs(1_000),
    inputs: ["/data/a.csv"],
    status: "running",
    attempt: 1,
    redrives: 0,
    token: 0,
    createdAtMs: 5_000,
    endedAtMs: null,
    outcome: null,
    error: null,
    report: null,
    ...overrides,
  };
}

describe("updateRun", () => {
  for (const from of STATUSES) {
    for (const to of STATUSES.filter((status) => status !== from)) {
      const isAllowed = ALLOWED.has(`${from} → ${to}`);
      it(`${isAllowed ? "allows" : "refuses"} ${from} → ${to}`, async () => {
        const ledger = aLedger();
        await createRun(ledger, aRun({ status: from }));

        const change = updateRun(ledger, "run-1", (run) => ({ ...run, status: to }));

        if (isAllowed) expect((await change).status).toBe(to);
        else
          await expect(change).rejects.toThrow(
            new ConflictError(`run run-1 is ${from} and cannot become ${to}`),
          );
        expect((await getRun(ledger, "run-1")).status).toBe(isAllowed ? to : from);
      });
    }
  }

  it("changes anything else in every status", async () => {
    const ledger = aLedger();
    await createRun(ledger, aRun({ status: "succeeded" }));

    expect(await updateRun(ledger, "run-1", (run) => ({ ...run, outcome: "unchanged" }))).toEqual(
      aRun({ status: "succeeded", outcome: "unchanged" }),
    );
  });

  it("loses no change of two that meet", async () => {
    const ledger = aLedger();
    await createRun(ledger, aRun());

    await Promise.all(
      Array.from({ length: 10 }, () =>
        updateRun(ledger, "run-1", (run) => ({ ...run, redrives: run.redrives + 1 })),
      ),
    );

    expect((await getRun(ledger, "run-1")).redrives).toBe(10);
  });

  it("refuses a run that there is not", async () => {
    await expect(updateRun(aLedger(), "run-9", (run) => run)).rejects.toThrow(NotFoundError);
  });
});

describe("createRun", () => {
  it("keeps the run as it was given", async () => {
    const ledger = aLedger();
    await createRun(ledger, aRun());

    expect(await findRun(ledger, "run-1")).toEqual(aRun());
  });

  it("refuses a run id that is taken, and leaves the run under it alone", async () => {
    const ledger = aLedger();
    await createRun(ledger, aRun());

    await expect(createRun(ledger, aRun({ group: "other" }))).rejects.toThrow(ConflictError);
    expect((await getRun(ledger, "run-1")).group).toBe("customer-orders");
  });
});

describe("listRuns", () => {
  it("gives all runs, ascending by id", async () => {
    const ledger = aLedger();
    for (const runId of ["b", "c", "a"]) await createRun(ledger, aRun({ runId }));

    expect((await listRuns(ledger)).map(({ runId }) => runId)).toEqual(["a", "b", "c"]);
  });
});
