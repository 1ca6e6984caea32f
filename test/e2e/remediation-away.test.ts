// What Steward cannot see or reach for a while, and what it does once it can again.

import { attendIncidents, listIncidents } from "@steward/core";
import { customerLoyalty } from "@steward/features";
import type { Platform } from "@steward/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  advance,
  kindsOf,
  leap,
  pagesOf,
  setAlarms,
  setAlarmsUnchecked,
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
const DIFFERENT = { name: `difference-${GROUP}-hot`, group: GROUP };
const CHECKER = { name: "freshness-checker" };
const MINUTE_MS = 60_000;

let stateDir: string;
let platform: Platform;

beforeEach(async () => {
  stateDir = makeStateDir();
  platform = await openTestPlatform(stateDir, { groups: [customerLoyalty], clockMs: at("1997-10-02") });
  const file = writeCsv(stateDir, "first.csv", purchasesOf(40, "1997-10-01"));
  await refresh(platform, GROUP, "1997-10-02", [file]);
});

afterEach(async () => {
  await platform.close();
  await removeStateDir(stateDir);
});

describe("a freshness checker that does not report", () => {
  it("is paged for once, no group is touched meanwhile, and each is looked after once it reports again", async () => {
    leap(platform, 30 * MINUTE_MS);
    await platform.wipe("hot");

    await setAlarmsUnchecked(platform, "alarm", [DIFFERENT, CHECKER]);
    await until("both are given a moment", async () =>
      (await listIncidents(platform.ports.ledger)).every((incident) => kindsOf(incident).includes("pause")),
    );
    leap(platform, 2 * MINUTE_MS); // the moment that it is given is over
    const [group, own] = await until("both wait for a person", async () => {
      const incidents = await listIncidents(platform.ports.ledger);
      return incidents.every(({ status }) => status === "paged") ? incidents : undefined;
    });
    await advance(platform, 2 * MINUTE_MS);
    await attendIncidents(platform.ports, [DIFFERENT, CHECKER]);
    const confirming = await untilStatus(platform, group?.incidentId ?? "", "confirming");

    expect(own).toMatchObject({ group: null, diagnosis: { kind: "checker-broken" } });
    expect(pagesOf(platform)).toMatchObject([
      { group: null, subject: "the platform: the freshness checker does not report" },
    ]);
    expect(kindsOf(confirming)).toEqual(["pause", "leave", "rebuild"]);
    expect(confirming.executionRun).toBe(`${confirming.incidentId}-2`);
    expect(await exportRows(platform, customerLoyalty, "hot")).toHaveLength(40);
  });
});

describe("a store that does not answer", () => {
  it("is waited for, then paged for, and rebuilt once it is back without its data", async () => {
    const { pid } = platform.services.redis;
    if (pid === undefined) throw new Error("this Redis is not the test's own");
    process.kill(pid, "SIGKILL");

    await setAlarms(platform, "alarm", [DIFFERENT]);
    const { incidentId } = await theIncident(platform);
    await until("it is waited for", async () => kindsOf(await theIncident(platform)).includes("pause"));
    const paged = await until("a person is paged", async () => {
      await advance(platform, MINUTE_MS);
      const incident = await theIncident(platform);
      return incident.status === "paged" ? incident : undefined;
    });
    await platform.ensureServices();
    await until("the store answers", () =>
      platform.wipe("hot").then(
        () => true,
        () => false,
      ),
    );
    await advance(platform, 2 * MINUTE_MS);
    await attendIncidents(platform.ports, [DIFFERENT]);
    const confirming = await untilStatus(platform, incidentId, "confirming");
    await setAlarms(platform, "ok", [DIFFERENT]);
    await untilStatus(platform, incidentId, "closed");

    expect(paged.diagnosis).toEqual({ kind: "store-away", reason: "the hot store does not answer" });
    expect(pagesOf(platform)).toMatchObject([
      { subject: `group ${GROUP} (owner growth): a store does not answer` },
    ]);
    expect(kindsOf(confirming).slice(-2)).toEqual(["page", "rebuild"]);
    expect(await exportRows(platform, customerLoyalty, "hot")).toHaveLength(40);
  });
});
