// Two groups over one source: what is handed in reaches both, and stands in the event table once.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { FolderIncoming } from "@steward/adapters";
import { ConflictError, listWaitingFiles, type Run, refreshFromIncoming, toEpochMs } from "@steward/core";
import { customerLoyalty, customerPurchases } from "@steward/features";
import { ensureDropFolders, type Platform } from "@steward/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readEventTable, toEventFiles } from "../../packages/core/src/ledger/event-table.ts";
import { DrivenTimer } from "../support/durable-stores.ts";
import { at, exportRows, makeStateDir, openTestPlatform, removeStateDir } from "../support/platform.ts";
import { PURCHASE_HEADER, purchasesOf, writeCsv } from "../support/purchase-files.ts";

const GROUPS = [customerLoyalty, customerPurchases];
let stateDir: string;
let platform: Platform;
let folder: string;

beforeEach(async () => {
  stateDir = makeStateDir();
  platform = await openTestPlatform(stateDir, { groups: GROUPS, clockMs: at("1997-10-01") });
  folder = ensureDropFolders(platform.folder, GROUPS)[0]?.path ?? "";
  // Files count as whole at once: the timer looks from far ahead.
  const incoming = new FolderIncoming({
    root: platform.folder.incoming,
    timer: new DrivenTimer(Date.now() + 3_600_000),
  });
  Object.assign(platform.ports, { incoming });
});
afterEach(async () => {
  await platform.close();
  await removeStateDir(stateDir);
});

/** Both groups at once. */
const refreshBoth = async (asOf: string): Promise<readonly Run[]> => {
  const asOfMs = at(asOf);
  const runs = await Promise.all(
    GROUPS.map(({ name: group }) => refreshFromIncoming(platform.ports, { group, asOfMs })),
  );
  return Promise.all(runs.map((run) => platform.settled(run)));
};

async function eventObjects(): Promise<readonly string[]> {
  const versions = await platform.ports.objects.listVersions("events/purchases/data/");
  return [...new Set(versions.map(({ key }) => key))].sort();
}

describe("a source of two groups", () => {
  it("takes a file in once where both groups are refreshed at the same time, and leaves nothing of the second copy", async () => {
    for (let round = 1; round <= 4; round += 1) {
      const day = `1997-09-0${round}`;
      writeCsv(folder, `day-${round}.csv`, purchasesOf(30, day));

      const runs = await refreshBoth(`1997-09-1${round}`);

      expect(runs.map(({ status, error }) => ({ status, error }))).toEqual([
        { status: "succeeded", error: null },
        { status: "succeeded", error: null },
      ]);
    }
    const table = await readEventTable(platform.ports.objects, "purchases");
    expect(table.files.map(({ name, eventCount }) => [name, eventCount]).sort()).toEqual(
      [1, 2, 3, 4].map((round) => [join(folder, `day-${round}.csv`), 30]),
    );
    expect(await eventObjects()).toEqual(
      toEventFiles(table)
        .map(({ key }) => key)
        .sort(),
    );
    const rows = await exportRows(platform, customerPurchases, "hot");
    expect(rows.map(({ features }) => features.orders_90d)).toEqual(Array(30).fill(4));
    const loyal = await exportRows(platform, customerLoyalty, "online");
    expect(loyal.map(({ features }) => features.orders_52w)).toEqual(Array(30).fill(4));
  }, 120_000);

  it("reaches the second group by the event table alone, once the first has taken the file in", async () => {
    writeCsv(folder, "a.csv", purchasesOf(5, "1997-09-01"));
    const first = await platform.settled(
      await refreshFromIncoming(platform.ports, { group: "customer-loyalty" }),
    );

    const second = await platform.settled(
      await refreshFromIncoming(platform.ports, { group: "customer-purchases" }),
    );

    expect(first.inputs).toEqual([join(folder, "a.csv")]);
    expect(second.inputs).toEqual([]);
    expect(await exportRows(platform, customerPurchases, "hot")).toHaveLength(5);
  });

  it("leaves a file waiting that came after the run began, though a second beginner of that run saw it", async () => {
    const { ports } = platform;
    const request = { group: "customer-loyalty", runId: ports.ids.runId() };
    writeCsv(folder, "a.csv", purchasesOf(5, "1997-09-01"));
    const run = await refreshFromIncoming(ports, request);
    const late = writeCsv(folder, "b.csv", purchasesOf(5, "1997-09-02"));

    const second = refreshFromIncoming(ports, request);

    await expect(second).rejects.toThrow(ConflictError);
    expect(await platform.settled(run)).toMatchObject({
      status: "succeeded",
      inputs: [join(folder, "a.csv")],
    });
    expect((await listWaitingFiles(ports, "purchases")).map(({ name }) => name)).toEqual([late]);
  });

  it("takes a file again whose run failed, and one that was replaced", async () => {
    const { ports } = platform;
    const path = join(folder, "a.csv");
    writeFileSync(path, `${PURCHASE_HEADER}\n00001,1997-09-01,1,5.00\n00002,19`);
    const failed = await platform.settled(await refreshFromIncoming(ports, { group: "customer-loyalty" }));
    const afterFailure = await listWaitingFiles(ports, "purchases");
    writeCsv(folder, "a.csv", purchasesOf(2, "1997-09-01"));
    const whole = await platform.settled(await refreshFromIncoming(ports, { group: "customer-loyalty" }));
    const afterSuccess = await listWaitingFiles(ports, "purchases");
    writeCsv(folder, "a.csv", purchasesOf(3, "1997-09-02"));
    const replaced = await platform.settled(
      await refreshFromIncoming(ports, { group: "customer-purchases", asOfMs: toEpochMs(ports.clock.now()) }),
    );

    expect(failed).toMatchObject({ status: "failed", error: { name: "InvalidInputError" } });
    expect(afterFailure).toHaveLength(1);
    expect(whole).toMatchObject({ status: "succeeded", inputs: [path] });
    expect(afterSuccess).toEqual([]);
    expect(replaced).toMatchObject({ status: "succeeded", inputs: [path] });
    const { files } = await readEventTable(ports.objects, "purchases");
    expect(files.map(({ eventCount }) => eventCount)).toEqual([3]);
  });
});
