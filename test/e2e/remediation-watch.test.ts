// A platform that is left running, with its own checker, alarms, schedules and remediation, on a clock that runs.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type EpochMs, type Incident, listIncidents, listRuns, REMEDIATION, toIso } from "@steward/core";
import { customerLoyalty, customerSessions } from "@steward/features";
import type { Platform } from "@steward/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { kindsOf, leap, pagesOf, runClock } from "../support/incidents.ts";
import {
  at,
  exportRows,
  makeStateDir,
  openTestPlatform,
  refresh,
  removeStateDir,
} from "../support/platform.ts";
import { purchasesOf, writeCsv } from "../support/purchase-files.ts";

const LOYALTY = "customer-loyalty";
const SESSIONS = "customer-sessions";
const CLICK_HEADER = "click_id,session_id,customer_id,clicked_at,page,seconds";
const PATIENCE_MS = 120_000;
const HOUR_MS = 3_600_000;
/** A file that nobody touches for so long is whole. */
const WHOLE_MS = 2_500;

let stateDir: string;
let platform: Platform;
let stopClock: () => void;

beforeEach(() => {
  stateDir = makeStateDir();
});

afterEach(async () => {
  stopClock();
  await platform.close();
  await removeStateDir(stateDir);
});

describe("a platform that is left running", () => {
  it(
    "sees two stores of two groups flushed at once, rebuilds both, and closes both incidents by the metric",
    async () => {
      await openRunning();
      await platform.wipe("hot");

      const incidents = await untilIncidents(2, ({ status }) => status === "closed");

      expect(incidents.map(({ group }) => group).sort()).toEqual([LOYALTY, SESSIONS]);
      for (const incident of incidents) {
        expect(incident.decisions[0]).toMatchObject({ diagnosis: "hot-behind", kind: "rebuild" });
        expect(kindsOf(incident).filter((kind) => kind === "rebuild")).toHaveLength(1);
      }
      expect(await exportRows(platform, customerLoyalty, "hot")).toHaveLength(40);
      expect(await exportRows(platform, customerSessions, "hot")).toHaveLength(20);
      expect(pagesOf(platform)).toEqual([]);
    },
    PATIENCE_MS,
  );

  it(
    "pages for a silent source once, whatever its schedule does meanwhile, and closes when events come",
    async () => {
      await openRunning();
      leap(platform, 3 * HOUR_MS);
      await untilIncidents(1, ({ status }) => status === "paged");
      const dropped = join(stateDir, "incoming", "clicks");
      mkdirSync(dropped, { recursive: true });
      const soonMs = (platform.ports.clock.now() + HOUR_MS) as EpochMs;
      writeCsv(dropped, "late.csv", clicksOf(30, toIso(soonMs)), CLICK_HEADER);
      await sleep(WHOLE_MS);
      leap(platform, HOUR_MS); // past the next slot, whichever minute of the hour it is

      const [incident] = await untilIncidents(1, ({ status }) => status === "closed");

      expect(incident).toMatchObject({ group: SESSIONS });
      expect(pagesOf(platform)).toMatchObject([
        { subject: "group customer-sessions (owner growth): the source is silent" },
      ]);
      expect(await exportRows(platform, customerSessions, "online")).toHaveLength(30);
      expect(await exportRows(platform, customerSessions, "hot")).toHaveLength(30);
      const remedied = (await listRuns(platform.ports.ledger)).filter(
        ({ workflow }) => workflow === REMEDIATION,
      );
      expect(remedied.length).toBeLessThanOrEqual(2);
    },
    PATIENCE_MS,
  );
});

/** Two groups of two sources, fresh, and everything that looks after them at work. */
async function openRunning(): Promise<void> {
  platform = await openTestPlatform(stateDir, {
    groups: [customerLoyalty, customerSessions],
    clockMs: at("1997-10-02"),
  });
  const purchases = writeCsv(stateDir, "purchases.csv", purchasesOf(40, "1997-10-01"));
  const clicks = writeCsv(stateDir, "clicks.csv", clicksOf(20, "1997-10-01T23:30:00Z"), CLICK_HEADER);
  const runs = [
    await refresh(platform, LOYALTY, "1997-10-02", [purchases]),
    await refresh(platform, SESSIONS, "1997-10-02", [clicks]),
  ];
  if (runs.some(({ status }) => status !== "succeeded"))
    throw new Error("the first refreshes did not succeed");
  platform.startUpkeep();
  stopClock = runClock(platform);
}

const clicksOf = (count: number, atIso: string): readonly string[] =>
  Array.from({ length: count }, (_, index) => `k${atIso}-${index},s${index},c${index},${atIso},home,1.5`);

/** Within 55 s of real time: an alarm takes two periods to go on, and three to clear. */
async function untilIncidents(
  count: number,
  isSo: (incident: Incident) => boolean,
): Promise<readonly Incident[]> {
  let seen: readonly Incident[] = [];
  for (const endMs = Date.now() + 55_000; Date.now() < endMs; await sleep(100)) {
    seen = await listIncidents(platform.ports.ledger);
    if (seen.filter(isSo).length >= count) return seen;
  }
  throw new Error(`in vain: ${JSON.stringify(seen, undefined, 1)}`);
}
