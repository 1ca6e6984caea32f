// A group that a stream feeds, when nobody reads the stream.

import { attendIncidents, getIncident, listRuns, toEpochMs } from "@steward/core";
import { customerActivity } from "@steward/features";
import type { Platform, PlatformOptions } from "@steward/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { advance, kindsOf, pagesOf, setAlarms, theIncident, untilStatus } from "../support/incidents.ts";
import { exportRows, makeStateDir, openTestPlatform, removeStateDir } from "../support/platform.ts";
import { put, someVisits, takenIn } from "../support/shop-visits.ts";

const BEHIND = { name: "stream-behind-customer-activity", group: "customer-activity" };

let stateDir: string;
let platform: Platform;

beforeEach(() => {
  stateDir = makeStateDir();
});

afterEach(async () => {
  await platform.close();
  await removeStateDir(stateDir);
});

describe("the remediation of a stream group", () => {
  it("replays what nobody read, and closes once a reader has come", async () => {
    await openUnread();

    await setAlarms(platform, "alarm", [BEHIND]);
    const { incidentId } = await theIncident(platform);
    await untilStatus(platform, incidentId, "confirming");
    const replayed = await exportRows(platform, customerActivity, "hot");
    platform.startStreams();
    await takenIn(platform);
    await setAlarms(platform, "ok", [BEHIND]);
    const closed = await untilStatus(platform, incidentId, "closed");

    expect(replayed).toHaveLength(10);
    expect(closed.decisions[0]).toMatchObject({ diagnosis: "stream-behind", kind: "replay" });
    expect(kindsOf(closed)).toEqual(["replay", "closed"]);
    expect(pagesOf(platform)).toEqual([]);
  });

  it("replays once, then pages for somebody to read it", async () => {
    await openUnread({ clockMs: toEpochMs(Date.now()) });

    await setAlarms(platform, "alarm", [BEHIND]);
    const { incidentId } = await theIncident(platform);
    await untilStatus(platform, incidentId, "confirming");
    await advance(platform, 10 * 60_000);
    const paged = await untilStatus(platform, incidentId, "paged");
    await attendIncidents(platform.ports, [BEHIND]);

    expect(kindsOf(paged)).toEqual(["replay", "page"]);
    expect(kindsOf(await getIncident(platform.ports.ledger, incidentId))).toEqual(["replay", "page"]);
    expect(
      (await listRuns(platform.ports.ledger)).filter(({ workflow }) => workflow === "replay"),
    ).toHaveLength(1);
    expect(pagesOf(platform)).toMatchObject([{ runbook: "docs/runbooks/stream-behind.md" }]);
  });
});

/** 40 visits of ten customers in the last minute, and no consumer. */
async function openUnread(options: Partial<PlatformOptions> = {}): Promise<void> {
  platform = await openTestPlatform(stateDir, { groups: [customerActivity], ...options });
  await put(platform.ports, someVisits(40, 10, Date.now() - 41_000));
}
