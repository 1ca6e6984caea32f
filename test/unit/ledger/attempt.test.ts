// How a run stands when it begins, and when it is taken up again.

import {
  createAttempt,
  createRun,
  executionName,
  findRun,
  newRun,
  reopenAttempt,
  toEpochMs,
  updateRun,
} from "@steward/core";
import { describe, expect, it } from "vitest";
import { aLedger, DrivenTimer } from "../../support/durable-stores.ts";

const GIVEN = {
  runId: "run-1",
  workflow: "refresh",
  group: "customer-orders",
  asOfMs: toEpochMs(1_000),
  inputs: ["/data/a.csv"],
};

describe("newRun", () => {
  it("is at work on its first attempt, holds no lease, and has ended in no way", () => {
    expect(newRun({ timer: new DrivenTimer(5_000) }, GIVEN)).toEqual({
      ...GIVEN,
      status: "running",
      attempt: 1,
      redrives: 0,
      token: 0,
      createdAtMs: 5_000,
      endedAtMs: null,
      outcome: null,
      error: null,
      report: null,
    });
  });

  it("keeps what only some workflows say, and reads back as it was written", async () => {
    const ledger = aLedger();
    const run = newRun(
      { timer: new DrivenTimer() },
      { ...GIVEN, targets: ["hot"], unitsPerSecond: null, fromMs: toEpochMs(7) },
    );

    await createRun(ledger, run);

    expect(run).toMatchObject({ targets: ["hot"], unitsPerSecond: null, fromMs: 7 });
    expect(await findRun(ledger, "run-1")).toEqual(run);
  });
});

describe("createAttempt", () => {
  it("begins a failed run anew: one attempt more, no redrive, no lease, no end", async () => {
    const { ledger, begun } = await aFailedRun();

    expect(await createAttempt(ledger, "run-1")).toEqual({ ...begun, attempt: 2 });
  });
});

describe("reopenAttempt", () => {
  it("takes the same attempt up again under its lease, one redrive more", async () => {
    const { ledger, begun } = await aFailedRun();

    expect(await reopenAttempt(ledger, "run-1")).toEqual({ ...begun, redrives: 3, token: 9 });
  });
});

describe("executionName", () => {
  it("differs for each attempt and each redrive", () => {
    const names = [
      { attempt: 1, redrives: 0 },
      { attempt: 1, redrives: 2 },
      { attempt: 2, redrives: 0 },
    ].map((at) => executionName({ runId: "run-1", ...at }));

    expect(names).toEqual(["run-1-1", "run-1-1-2", "run-1-2"]);
  });
});

/** It failed after two redrives, under token 9. */
async function aFailedRun() {
  const ledger = aLedger();
  const begun = newRun({ timer: new DrivenTimer(5_000) }, GIVEN);
  await createRun(ledger, begun);
  await updateRun(ledger, "run-1", (run) => ({
    ...run,
    status: "failed",
    redrives: 2,
    token: 9,
    endedAtMs: 6_000,
    outcome: "failed",
    error: { name: "WriteFailedError", message: "1 of 2 chunks could not be written" },
    report: { outcome: "failed" },
  }));
  return { ledger, begun };
}
