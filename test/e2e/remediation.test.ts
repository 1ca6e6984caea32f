// What goes wrong with a group on the whole platform, and what Steward does about it.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  applyRemedy,
  cancelRun,
  executionName,
  failRefresh,
  getIncident,
  getRun,
  listRuns,
  REMEDIATION,
  type Run,
  startRefresh,
} from "@steward/core";
import { customerLoyalty, customerPurchases } from "@steward/features";
import { openPlatform, type Platform, type PlatformOptions } from "@steward/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { updateIncident } from "../../packages/core/src/remediation/incident.ts";
import { listSpent } from "../../packages/core/src/remediation/remedy-budget.ts";
import { orderFaults } from "../support/faults.ts";
import {
  advance,
  kindsOf,
  pagesOf,
  runsOf,
  setAlarms,
  theIncident,
  untilStatus,
} from "../support/incidents.ts";
import {
  at,
  exportRows,
  makeStateDir,
  openTestPlatform,
  refresh,
  removeStateDir,
} from "../support/platform.ts";
import { purchasesOf, writeCsv } from "../support/purchase-files.ts";
import { until } from "../support/until.ts";

const GROUP = "customer-loyalty";
const LATE = { name: "freshness-customer-loyalty-offline", group: GROUP };
const DIFFERENT = { name: "difference-customer-loyalty-hot", group: GROUP };
const DAY_MS = 24 * 3_600_000;

let stateDir: string;
let platform: Platform;

beforeEach(() => {
  stateDir = makeStateDir();
});

afterEach(async () => {
  await platform.close();
  await removeStateDir(stateDir);
});

describe("the remediation of a group", () => {
  it("rebuilds the hot store that was flushed, by the metric's word alone calls it over, and pages nobody", async () => {
    await openFresh();
    const before = await exportRows(platform, customerLoyalty, "hot");
    await platform.wipe("hot");

    await setAlarms(platform, "alarm", [DIFFERENT]);
    const { incidentId } = await theIncident(platform);
    const confirming = await untilStatus(platform, incidentId, "confirming");
    const [rebuild] = await runsOf(platform, confirming);
    await setAlarms(platform, "ok", [DIFFERENT]);
    const closed = await untilStatus(platform, incidentId, "closed");

    expect(before).toHaveLength(40);
    expect(rebuild).toMatchObject({ workflow: "rebuild", targets: ["hot"], status: "succeeded" });
    expect(await exportRows(platform, customerLoyalty, "hot")).toEqual(before);
    expect(kindsOf(closed)).toEqual(["rebuild", "closed"]);
    expect(closed.diagnosis).toMatchObject({ kind: "hot-behind" });
    expect(pagesOf(platform)).toEqual([]);
  });

  it("pages for a silent source, says since when, and starts no run", async () => {
    await openFresh();
    await advance(platform, 3 * DAY_MS);

    await setAlarms(platform, "alarm", [LATE]);
    const { incidentId } = await theIncident(platform);
    const paged = await untilStatus(platform, incidentId, "paged");

    expect(paged.diagnosis?.kind).toBe("source-silent");
    expect(pagesOf(platform)).toMatchObject([
      { group: GROUP, incidentId, runbook: "docs/runbooks/freshness.md" },
    ]);
    expect(pagesOf(platform)[0]?.subject).toBe("group customer-loyalty (owner growth): the source is silent");
    expect(pagesOf(platform)[0]?.text).toContain('source "purchases" has sent nothing for 4 d');
    expect(pagesOf(platform)[0]?.text).toContain("Do not refresh");
    expect(await workflows()).toEqual(["refresh", REMEDIATION]);
  });

  it("closes a paged incident when events come again, without help", async () => {
    await openFresh();
    await advance(platform, 3 * DAY_MS);
    await setAlarms(platform, "alarm", [LATE]);
    const { incidentId } = await theIncident(platform);
    await untilStatus(platform, incidentId, "paged");

    await setAlarms(platform, "ok", [LATE]);

    expect((await getIncident(platform.ports.ledger, incidentId)).status).toBe("closed");
    expect(pagesOf(platform)).toHaveLength(1);
  });

  it("pages for data that a rule refused, and does not run it again", async () => {
    await openFresh();
    await advance(platform, 3 * DAY_MS);
    const bad = writeCsv(stateDir, "bad.csv", ["00001,not a day,1,5.00"]);
    const failed = await refreshWith([bad]);

    await setAlarms(platform, "alarm", [LATE]);
    const paged = await untilStatus(platform, (await theIncident(platform)).incidentId, "paged");

    expect(failed).toMatchObject({ status: "failed", error: { name: "DataRejectedError" } });
    expect(paged.decisions[0]).toMatchObject({ diagnosis: "run-failed", kind: "page" });
    expect(pagesOf(platform)[0]?.text).toContain(failed.runId);
    expect((await getRun(platform.ports.ledger, failed.runId)).attempt).toBe(1);
  });

  it("writes again what a store that was away would not take, and the group is whole", async () => {
    await openFresh({ settings: { maxReceives: 1 } });
    await advance(platform, DAY_MS);
    const file = writeCsv(stateDir, "more.csv", purchasesOf(60, "1997-10-02"));
    await orderFaults(platform, { errorRate: 1 });
    const failed = await refreshWith([file]);
    await orderFaults(platform);

    await setAlarms(platform, "alarm", [LATE]);
    const { incidentId } = await theIncident(platform);
    const confirming = await untilStatus(platform, incidentId, "confirming");
    await setAlarms(platform, "ok", [LATE]);
    await untilStatus(platform, incidentId, "closed");

    expect(failed).toMatchObject({ status: "failed", error: { name: "WriteFailedError" } });
    expect(kindsOf(confirming)).toEqual(["redrive"]);
    expect(await getRun(platform.ports.ledger, failed.runId)).toMatchObject({
      status: "succeeded",
      attempt: 1,
    });
    expect(await exportRows(platform, customerLoyalty, "online")).toHaveLength(60);
  });

  it("runs again, as a new attempt, what a service that was away had failed", async () => {
    await openFresh();
    await platform.close();
    platform = await openPlatform({ stateDir, groups: [customerLoyalty] }); // no workers: the run stands still
    await advance(platform, 3 * DAY_MS);
    const file = writeCsv(stateDir, "more.csv", purchasesOf(60, "1997-10-04"));
    const run = await startRefresh(platform.ports, { group: GROUP, asOfMs: undefined, inputs: [file] });
    await until("it holds the group", async () => (await getRun(platform.ports.ledger, run.runId)).token > 0);
    await platform.ports.stateMachines.stop(run.workflow, executionName(run), "test");
    const failure = { name: "UnavailableError", message: "the batch engine went away" };
    await failRefresh(platform.ports, run, failure);
    platform.startWorkers();

    await setAlarms(platform, "alarm", [LATE]);
    const { incidentId } = await theIncident(platform);
    const confirming = await untilStatus(platform, incidentId, "confirming");

    expect(confirming.decisions).toMatchObject([{ diagnosis: "run-failed", kind: "rerun" }]);
    expect(confirming.runs).toEqual([run.runId]);
    expect(await getRun(platform.ports.ledger, run.runId)).toMatchObject({ status: "succeeded", attempt: 2 });
    expect(await exportRows(platform, customerLoyalty, "hot")).toHaveLength(60);
  });

  it("refreshes with files that wait and that no run took", async () => {
    await openFresh();
    await advance(platform, 3 * DAY_MS);
    const dropped = join(stateDir, "incoming", "purchases");
    mkdirSync(dropped, { recursive: true });
    writeCsv(dropped, "late.csv", purchasesOf(60, "1997-10-04"));
    await until(
      "the file is whole",
      async () => (await platform.ports.incoming.list("purchases")).length > 0,
    );

    await setAlarms(platform, "alarm", [LATE]);
    const { incidentId } = await theIncident(platform);
    const confirming = await untilStatus(platform, incidentId, "confirming");
    await setAlarms(platform, "ok", [LATE]);
    await untilStatus(platform, incidentId, "closed");

    expect(confirming.decisions).toMatchObject([{ diagnosis: "run-missing", kind: "rerun" }]);
    expect(await exportRows(platform, customerLoyalty, "hot")).toHaveLength(60);
  });

  it("gives two alarms of a group one incident and one remedy", async () => {
    await openFresh();
    await platform.wipe("hot");

    await setAlarms(platform, "alarm", [DIFFERENT, LATE]);
    const { incidentId } = await theIncident(platform);
    const confirming = await untilStatus(platform, incidentId, "confirming");
    await setAlarms(platform, "ok", [DIFFERENT, LATE]);
    await untilStatus(platform, incidentId, "closed");

    expect(confirming.alarms).toEqual([DIFFERENT.name, LATE.name]);
    expect((await workflows()).filter((workflow) => workflow === "rebuild")).toHaveLength(1);
  });

  it("adopts the run that a remedy began before a kill, and spends no second remedy on it", async () => {
    await openFresh();
    await platform.wipe("hot");
    await setAlarms(platform, "alarm", [DIFFERENT]);
    const { incidentId } = await theIncident(platform);
    const { runs } = await untilStatus(platform, incidentId, "confirming");
    await updateIncident(platform.ports.ledger, incidentId, (incident) => ({
      ...incident,
      course: incident.course === null ? null : { ...incident.course, isApplied: false, runs: [] },
    }));

    const applied = await applyRemedy(platform.ports, { runId: incidentId, attempt: 1 });

    expect(applied).toEqual({ applied: true });
    expect((await getIncident(platform.ports.ledger, incidentId)).course?.runs).toEqual(runs);
    expect((await workflows()).filter((workflow) => workflow === "rebuild")).toHaveLength(1);
    expect(await listSpent(platform.ports.ledger, GROUP)).toHaveLength(1);
  });

  it("pages when the budget is spent, and names the remedy that it did not get", async () => {
    await openFresh({ settings: { remedyBudget: 1 } });
    await platform.wipe("hot");
    await setAlarms(platform, "alarm", [DIFFERENT]);
    const { incidentId } = await theIncident(platform);
    await untilStatus(platform, incidentId, "confirming");
    await platform.wipe("hot");

    await advance(platform, 10 * 60_000); // the alarm has not cleared in its time
    const paged = await untilStatus(platform, incidentId, "paged");

    expect(kindsOf(paged)).toEqual(["rebuild", "page"]);
    expect(paged.decisions[1]?.reason).toContain("1 remedies in 1 d");
    expect(pagesOf(platform)[0]?.text).toContain("Tried: rebuild the hot store");
    expect((await workflows()).filter((workflow) => workflow === "rebuild")).toHaveLength(1);
  });

  it("takes the source's silence up after it repaired the store, and waits for no person to ask", async () => {
    await openFresh();
    await advance(platform, 3 * DAY_MS);
    await platform.wipe("hot");

    await setAlarms(platform, "alarm", [DIFFERENT, LATE]);
    const { incidentId } = await theIncident(platform);
    await untilStatus(platform, incidentId, "confirming");
    await advance(platform, 10 * 60_000);
    const paged = await untilStatus(platform, incidentId, "paged");

    expect(paged.decisions.map(({ diagnosis }) => diagnosis)).toEqual(["hot-behind", "source-silent"]);
    expect(await exportRows(platform, customerLoyalty, "hot")).toHaveLength(40);
  });

  it("ends by a person's cancel, pages nobody, and leaves the incident to them", async () => {
    await openFresh();
    await platform.wipe("hot");
    await setAlarms(platform, "alarm", [DIFFERENT]);
    const { incidentId } = await theIncident(platform);
    await untilStatus(platform, incidentId, "confirming");

    const report = await cancelRun(platform.ports, incidentId);

    expect(report).toMatchObject({ workflow: REMEDIATION, outcome: "cancelled", incidentId });
    expect((await getIncident(platform.ports.ledger, incidentId)).status).toBe("paged");
    expect(pagesOf(platform)).toEqual([]);
    await setAlarms(platform, "ok", [DIFFERENT]);
    expect((await getIncident(platform.ports.ledger, incidentId)).status).toBe("closed");
  });
});

/** 40 customers, bought on the day before the platform's now. */
async function openFresh(options: Partial<PlatformOptions> = {}): Promise<void> {
  platform = await openTestPlatform(stateDir, {
    ...options,
    groups: [customerLoyalty, customerPurchases],
    clockMs: at("1997-10-02"),
  });
  mkdirSync(join(stateDir, "files"), { recursive: true });
  const file = writeCsv(join(stateDir, "files"), "first.csv", purchasesOf(40, "1997-10-01"));
  const run = await refresh(platform, GROUP, "1997-10-02", [file]);
  if (run.status !== "succeeded") throw new Error(`the first refresh ${run.status}`);
}

async function refreshWith(inputs: readonly string[]): Promise<Run> {
  return platform.settled(await startRefresh(platform.ports, { group: GROUP, asOfMs: undefined, inputs }));
}

async function workflows(): Promise<readonly string[]> {
  return (await listRuns(platform.ports.ledger)).map(({ workflow }) => workflow);
}
