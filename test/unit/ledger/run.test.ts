// The lives that a run may lead: exactly those of the table.

import {
  ConflictError,
  createRun,
  findRun,
  getRun,
  type Ledger,
  listRuns,
  NotFoundError,
  type Run,
  type RunStatus,
  toEpochMs,
  updateRun,
} from "@steward/core";
import { describe, expect, it } from "vitest";
import { listUnfinishedRuns } from "../../../packages/core/src/ledger/run.ts";
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

const SCOPE = { workflow: "refresh", group: "customer-orders" };
const LISTING = "unfinished-runs#refresh#customer-orders";

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

describe("listUnfinishedRuns", () => {
  it("gives the runs of one workflow and group that have not come to an end, oldest first", async () => {
    const ledger = aLedger();
    for (const runId of ["run-3", "run-1", "run-2"]) await createRun(ledger, aRun({ runId }));
    await createRun(ledger, aRun({ runId: "run-4", group: "customer-orders-2" }));
    await createRun(ledger, aRun({ runId: "run-5", workflow: "rebuild" }));

    expect((await listUnfinishedRuns(ledger, SCOPE)).map(({ runId }) => runId)).toEqual([
      "run-1",
      "run-2",
      "run-3",
    ]);
  });

  it.each([
    ["running", true],
    ["failed", true],
    ["cancelled", true],
    ["succeeded", false],
    ["superseded", false],
  ] as const)("of a run that is %s says %s", async (status, isListed) => {
    const ledger = aLedger();
    await createRun(ledger, aRun());
    await updateRun(ledger, "run-1", (run) => ({ ...run, status }));

    expect(await listUnfinishedRuns(ledger, SCOPE)).toHaveLength(isListed ? 1 : 0);
  });

  it("still lists a run that failed and was taken up again", async () => {
    const ledger = aLedger();
    await createRun(ledger, aRun());
    for (const status of ["failed", "running"] as const)
      await updateRun(ledger, "run-1", (run) => ({ ...run, status }));

    expect(await listUnfinishedRuns(ledger, SCOPE)).toMatchObject([{ runId: "run-1", status: "running" }]);
  });

  it("passes over a run of which nothing but the listing was written, and forgets one whose end it missed", async () => {
    const ledger = aLedger();
    await ledger.put({ partition: LISTING, sort: "run-0" }, {}, "absent");
    await createRun(ledger, aRun({ status: "succeeded" }));

    expect(await listUnfinishedRuns(ledger, SCOPE)).toEqual([]);

    expect((await ledger.list(LISTING)).map(({ sort }) => sort)).toEqual(["run-0"]);
  });

  it("reads no run that has come to its end, however many there were", async () => {
    const ledger = aLedger();
    for (let number = 0; number < 50; number += 1) {
      const runId = `run-${number}`;
      await createRun(ledger, aRun({ runId }));
      await updateRun(ledger, runId, (run) => ({ ...run, status: "succeeded" }));
    }
    const read: string[] = [];
    const watched: Ledger = {
      find: (key) => {
        read.push(key.sort);
        return ledger.find(key);
      },
      list: async (partition, prefix) => {
        const items = await ledger.list(partition, prefix);
        read.push(...items.map(({ sort }) => sort));
        return items;
      },
      put: (...change) => ledger.put(...change),
      remove: (...change) => ledger.remove(...change),
    };

    await listUnfinishedRuns(watched, SCOPE);

    expect(read).toEqual([]);
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
