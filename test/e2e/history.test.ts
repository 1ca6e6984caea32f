// History that is past its limit: refreshed, left out, gone, and what is younger can still be rebuilt from.

import { expireHistory, featureGroup, latest, source, startRebuild, sum } from "@steward/core";
import { customerPurchases } from "@steward/features";
import { afterEach, beforeEach, expect, it } from "vitest";
import { exportRows, makeStateDir, openTestPlatform, refresh, removeStateDir } from "../support/platform.ts";
import { purchasesOf, writeCsv } from "../support/purchase-files.ts";

let state: string;
beforeEach(() => {
  state = makeStateDir();
});
afterEach(async () => removeStateDir(state));

const { columns, eventTime } = customerPurchases.source;
const purchases = source("purchases", { columns, eventTime, history: "300 days" });
const group = featureGroup("customer-spend", {
  entity: customerPurchases.entity,
  source: purchases,
  owner: "growth",
  history: "300 days",
  features: { spend: sum("amount"), last_at: latest("date") },
});

it("removes records and events by their own date, and rebuilds from what is left", async () => {
  const platform = await openTestPlatform(state, { groups: [group] });
  try {
    const { ports } = platform;
    const ago = (days: number) => new Date(ports.clock.now() - days * 86_400_000).toISOString().slice(0, 10);
    await refresh(platform, group.name, ago(310), [writeCsv(state, "old.csv", purchasesOf(3, ago(320)))]);
    await refresh(platform, group.name, ago(10), [writeCsv(state, "young.csv", purchasesOf(2, ago(20)))]);
    const before = await exportRows(platform, group, "offline");

    expect(await expireHistory(ports)).toEqual([
      { of: group.name, leftOut: 1, removed: 0 },
      { of: "purchases", leftOut: 0, removed: 1 },
    ]);
    expect(await expireHistory(ports)).toEqual([{ of: group.name, leftOut: 0, removed: 1 }]);

    expect(before).toHaveLength(3);
    expect(await exportRows(platform, group, "offline")).toEqual(before);
    const run = await platform.settled(await startRebuild(ports, { group: group.name, asOfMs: undefined }));
    expect(run.outcome).toBe("succeeded");
    const again = await refresh(platform, group.name, ago(5));
    expect(again).toMatchObject({ outcome: "succeeded", report: { counts: { planned: 2 } } });
  } finally {
    await platform.close();
  }
});
