// What is killed while it looks after a group, or is looked after, and what goes on from there.

import { execFile } from "node:child_process";
import { attendIncidents, getIncident, getRun, listRuns, startRefresh } from "@steward/core";
import { customerLoyalty, customerPurchases } from "@steward/features";
import { openPlatform, type Platform } from "@steward/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { advance, kindsOf, pagesOf, setAlarms, theIncident, untilStatus } from "../support/incidents.ts";
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

const NODE = "node_modules/.bin/node";
const GROUP = "customer-loyalty";
const DIFFERENT = { name: `difference-${GROUP}-hot`, group: GROUP };
const LATE = { name: `freshness-${GROUP}-offline`, group: GROUP };
const MINUTE_MS = 60_000;

// Entering a state lies before its effect, and after the effect of the state that comes before it.
const DEATHS = [
  { state: "Acquire lease", pauseMs: 0 },
  { state: "Diagnose incident", pauseMs: 0 },
  { state: "Apply remedy", pauseMs: 0 },
  { state: "Apply remedy", pauseMs: 15 },
  { state: "Await remedy", pauseMs: 0 },
  { state: "Confirm recovery", pauseMs: 0 },
] as const;

let stateDir: string;
let platform: Platform;

beforeEach(() => {
  stateDir = makeStateDir();
});

afterEach(async () => {
  await platform.close();
  await removeStateDir(stateDir);
});

describe("a remediation after SIGKILL", () => {
  it.for(DEATHS)(
    "repairs the store by one rebuild after a death ($pauseMs ms) on entering $state",
    async ({ state, pauseMs }) => {
      await openFresh();
      await platform.close();
      await remedyAndDie(state, pauseMs);

      platform = await openTestPlatform(stateDir, { groups: [customerLoyalty] });
      await advance(platform, 3 * MINUTE_MS); // past any cool-down
      await attendIncidents(platform.ports, [DIFFERENT]);
      const { incidentId } = await theIncident(platform);
      await until("the store is repaired", async () => {
        await advance(platform, 1_000);
        await attendIncidents(platform.ports, [DIFFERENT]);
        return (await getIncident(platform.ports.ledger, incidentId)).status === "confirming";
      });
      await setAlarms(platform, "ok", [DIFFERENT]);
      const closed = await untilStatus(platform, incidentId, "closed");

      const rebuilds = (await listRuns(platform.ports.ledger)).filter(
        ({ workflow }) => workflow === "rebuild",
      );
      expect(rebuilds).toMatchObject([{ status: "succeeded" }]);
      expect(kindsOf(closed).filter((kind) => kind === "rebuild")).toHaveLength(1);
      expect(await exportRows(platform, customerLoyalty, "hot")).toHaveLength(40);
      expect(pagesOf(platform)).toEqual([]);
    },
  );
});

describe("a run that is stuck", () => {
  it("is taken up where it stood when its process was killed, and the group comes back without help", async () => {
    await openFresh();
    await platform.close();
    const file = writeCsv(stateDir, "more.csv", purchasesOf(60, "1997-10-01"));
    await diesOf("refresh-and-die.ts", [stateDir, "1997-10-02", file, "Compute features", "alone", "0"]);

    platform = await openTestPlatform(stateDir);
    const alarm = { name: "freshness-customer-purchases-offline", group: "customer-purchases" };
    await setAlarms(platform, "alarm", [alarm]);
    const { incidentId } = await theIncident(platform);
    const confirming = await untilStatus(platform, incidentId, "confirming");

    expect(confirming.decisions).toMatchObject([{ diagnosis: "run-stuck", kind: "restart" }]);
    expect(await getRun(platform.ports.ledger, confirming.runs[0] ?? "")).toMatchObject({
      status: "succeeded",
      attempt: 1,
    });
    expect(await exportRows(platform, customerPurchases, "hot")).toHaveLength(60);
  });

  it("is stopped and begun again when nothing of it moves", async () => {
    await openFresh();
    await platform.close();
    platform = await openPlatform({ stateDir, groups: [customerLoyalty], settings: { runStuckMs: 700 } }); // no workers
    await advance(platform, 24 * 60 * MINUTE_MS);
    const file = writeCsv(stateDir, "more.csv", purchasesOf(60, "1997-10-02"));
    const stalled = await startRefresh(platform.ports, { group: GROUP, asOfMs: undefined, inputs: [file] });

    await setAlarms(platform, "alarm", [LATE]);
    const { incidentId } = await theIncident(platform);
    await until("it is found stuck", async () =>
      kindsOf(await getIncident(platform.ports.ledger, incidentId)).includes("restart"),
    );
    platform.startWorkers();
    const confirming = await untilStatus(platform, incidentId, "confirming");

    const decided = confirming.decisions.map(({ diagnosis, kind }) => `${diagnosis}: ${kind}`);
    // A busy machine may look for the first time when it is stuck already.
    expect(decided.filter((one) => one !== "run-at-work: wait")).toEqual(["run-stuck: restart"]);
    expect(await getRun(platform.ports.ledger, stalled.runId)).toMatchObject({
      status: "succeeded",
      attempt: 2,
    });
    expect(await exportRows(platform, customerLoyalty, "online")).toHaveLength(60);
  });
});

/** 40 customers, bought on the day before the platform's now. */
async function openFresh(): Promise<void> {
  platform = await openTestPlatform(stateDir, {
    groups: [customerLoyalty],
    clockMs: at("1997-10-02"),
  });
  const file = writeCsv(stateDir, "first.csv", purchasesOf(40, "1997-10-01"));
  const run = await refresh(platform, GROUP, "1997-10-02", [file]);
  if (run.status !== "succeeded") throw new Error(`the first refresh ${run.status}`);
}

const remedyAndDie = (state: string, pauseMs: number): Promise<void> =>
  diesOf("remedy-and-die.ts", [stateDir, GROUP, state, String(pauseMs)]);

/** Rejects when the process ends in any other way than by its own hand. */
async function diesOf(script: string, args: readonly string[]): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    execFile(NODE, [`test/support/${script}`, ...args], (error, _, stderr) => {
      if (error?.signal === "SIGKILL") resolve();
      else reject(new Error(`${script} did not die: ${stderr}`));
    });
  });
}
