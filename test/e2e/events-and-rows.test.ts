import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type FeatureGroup,
  listSetAsideRows,
  type RefreshReport,
  type Run,
  readEventTable,
  readRecord,
  replaySetAsideRows,
} from "@steward/core";
import { customerLoyalty, customerPurchases, productViews } from "@steward/features";
import type { Platform, PlatformOptions } from "@steward/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  at,
  exportRows,
  makeStateDir,
  openTestPlatform,
  refresh,
  removeStateDir,
} from "../support/platform.ts";
import { purchasesOf, writeCsv } from "../support/purchase-files.ts";

const GROUP = "customer-purchases";
const VIEWS_HEADER = "view_id,product_id,viewed_at,visitor_id,seconds,in_stock";

let stateDir: string;
let inputs: string;
let platform: Platform;

beforeEach(() => {
  stateDir = makeStateDir();
  inputs = mkdtempSync(join(tmpdir(), "steward-inputs-"));
});

afterEach(async () => {
  await platform.close();
  await removeStateDir(stateDir);
  rmSync(inputs, { recursive: true, force: true });
});

describe("a refresh of a file in which 2 % of the rows break a rule", () => {
  const rows = [...purchasesOf(98, "1997-09-01"), "00098,1997-09-31,1,5.00", "00099,1997-09-01,one,5.00"];

  it("fails and appends nothing, and lists those rows; with a higher threshold it succeeds without them", async () => {
    await open();
    const input = writeCsv(inputs, "purchases.csv", rows);

    const rejected = await refresh(platform, GROUP, "1997-10-01", [input]);

    expect(rejected).toMatchObject({
      status: "failed",
      error: {
        name: "DataRejectedError",
        message: expect.stringMatching(/^2 of 100 rows break a rule, more than the 1 %/),
      },
      report: { counts: { read: 100, setAside: 2, planned: 0, written: 0 } },
    });
    expect((await readEventTable(platform.ports.objects, "purchases")).files).toEqual([]);
    await expectRecords(customerPurchases, 0);
    expect(await listSetAsideRows(platform.ports, rejected.runId, 10)).toEqual({
      count: 2,
      rows: [
        { file: input, row: 99, column: "date", rule: "type" },
        { file: input, row: 100, column: "quantity", rule: "type" },
      ],
    });
    await expect(replaySetAsideRows(platform.ports, rejected.runId)).rejects.toThrow(
      /never entered the event table/,
    );

    await reopen({ settings: { setAsideThreshold: 0.02 } });
    const accepted = await refresh(platform, GROUP, "1997-10-01", [input]);

    expect(accepted).toMatchObject({
      status: "succeeded",
      report: { counts: { read: 100, setAside: 2, planned: 98, written: 98 } },
    });
    await expectRecords(customerPurchases, 98);
  });
});

describe("set-aside rows that were dated after their arrival", () => {
  it("enter by a replay once the clock has passed them, and count from the next refresh on", async () => {
    await open({ clockMs: at("1998-01-01"), settings: { setAsideThreshold: 1 } });
    const input = writeCsv(inputs, "purchases.csv", [
      "00001,1997-12-20,1,5.00",
      "00001,1998-01-10,2,7.50",
      "00002,1998-01-11,1,x",
      "00003,1998-02-01,1,1.00",
    ]);
    const first = await refresh(platform, GROUP, "1998-01-01", [input]);
    const tooEarly = await replaySetAsideRows(platform.ports, first.runId);

    await reopen({ clockMs: at("1998-01-20") });
    const replayed = await replaySetAsideRows(platform.ports, first.runId);
    const again = await replaySetAsideRows(platform.ports, first.runId);
    const second = await refresh(platform, GROUP, "1998-01-20");

    expect(first).toMatchObject({
      status: "succeeded",
      report: { counts: { read: 4, setAside: 3, planned: 1 } },
    });
    expect(tooEarly).toEqual({ entered: 0, stillSetAside: 3, suppressed: 0 });
    expect(replayed).toEqual({ entered: 1, stillSetAside: 2, suppressed: 0 });
    expect(again).toEqual(replayed);
    expect(second).toMatchObject({ status: "succeeded", report: { counts: { planned: 1 } } });
    const [row] = await exportRows(platform, customerPurchases, "hot");
    expect(row).toMatchObject({ recordId: "00001", features: { orders_90d: 2, spend_90d: 12.5 } });
  });
});

describe("a file of events", () => {
  it("replaces by its new content what it brought under the same name", async () => {
    await open();
    const input = writeCsv(inputs, "purchases.csv", ["00001,1997-09-01,1,5.00", "00002,1997-09-02,1,6.00"]);
    await refresh(platform, GROUP, "1997-10-01", [input]);

    writeCsv(inputs, "purchases.csv", ["00001,1997-09-01,1,8.00", "00003,1997-09-03,1,9.00"]);
    const second = await refresh(platform, GROUP, "1997-10-02", [input]);

    expect(countsOf(second)).toMatchObject({ read: 2, planned: 2, written: 2 });
    const offline = await exportRows(platform, customerPurchases, "offline");
    expect(
      offline.map(({ recordId, eventTime, features }) => [
        recordId,
        eventTime.slice(0, 10),
        features.spend_90d,
      ]),
    ).toEqual([
      ["00001", "1997-10-02", 8],
      ["00002", "1997-10-01", 6], // its event is gone, so no newer record came to be
      ["00003", "1997-10-02", 9],
    ]);
  });

  it("is recognised by its content under another name, and counts once", async () => {
    await open();
    const rows = ["00001,1997-09-01,1,5.00"];
    await refresh(platform, GROUP, "1997-10-01", [writeCsv(inputs, "first.csv", rows)]);

    const copy = await refresh(platform, GROUP, "1997-10-02", [writeCsv(inputs, "copy.csv", rows)]);

    expect(countsOf(copy)).toMatchObject({ read: 0, planned: 1, written: 1 });
    expect((await readEventTable(platform.ports.objects, "purchases")).files).toHaveLength(1);
    expect((await exportRows(platform, customerPurchases, "online"))[0]?.features.orders_90d).toBe(1);
  });
});

describe("a group with a time to live", () => {
  it("counts records that are past it as expired: offline alone has them", async () => {
    await open({ clockMs: at("1998-01-01") });
    const input = writeCsv(inputs, "purchases.csv", purchasesOf(5, "1996-12-01"));

    const late = await refresh(platform, "customer-loyalty", "1997-01-01", [input]); // 365 days ago, of 364

    expect(countsOf(late)).toMatchObject({
      planned: 5,
      written: 0,
      expired: 5,
      stores: { offline: { written: 5 }, online: { expired: 5 }, hot: { expired: 5 } },
    });
    expect(await exportRows(platform, customerLoyalty, "offline")).toHaveLength(5);
    expect(await exportRows(platform, customerLoyalty, "online")).toEqual([]);
    expect(await exportRows(platform, customerLoyalty, "hot")).toEqual([]);
  });

  it("shows a record online until its time to live has passed on the platform's clock", async () => {
    await open({ clockMs: at("1997-10-01") });
    await refresh(platform, "customer-loyalty", "1997-10-01", [
      writeCsv(inputs, "purchases.csv", purchasesOf(2, "1997-09-01")),
    ]);
    await expectRecords(customerLoyalty, 2);

    await reopen({ clockMs: at("1998-11-01") });

    expect(await exportRows(platform, customerLoyalty, "offline")).toHaveLength(2);
    expect(await exportRows(platform, customerLoyalty, "online")).toEqual([]);
  });
});

describe("a source with event ids", () => {
  it("counts an event once, in a file and across files, as the file that came last has it", async () => {
    await open();
    const view = (id: string, product: string, seconds: number, visitor = "v1") =>
      `${id},${product},2026-01-10T12:00:00Z,${visitor},${seconds},true`;
    const first = writeCsv(
      inputs,
      "a.csv",
      [view("e1", "p1", 10), view("e1", "p1", 10), view("e2", "p1", 20, "v2")],
      VIEWS_HEADER,
    );
    const second = writeCsv(inputs, "b.csv", [view("e2", "p1", 40, "v2"), view("e3", "p2", 5)], VIEWS_HEADER);
    await openAt("2026-01-12");

    await refresh(platform, "product-views", "2026-01-11", [first]);
    const before = await readRecord(platform.ports, productViews, "p1", "hot");
    const run = await refresh(platform, "product-views", "2026-01-11T06:00:00Z", [second]);

    expect(before?.features).toMatchObject({
      views_7d: 2,
      visitors_7d: 2,
      avg_seconds_7d: 15,
      long_views_7d: 0,
    });
    expect(countsOf(run)).toMatchObject({ read: 2, planned: 2, written: 2 });
    const after = await readRecord(platform.ports, productViews, "p1", "hot");
    expect(after?.features).toMatchObject({
      views_7d: 2,
      visitors_7d: 2,
      avg_seconds_7d: 25,
      long_views_7d: 1,
    });
    await expectRecords(productViews, 2);
  });
});

describe("a pace", () => {
  it("of 2,000 a second holds over every second of a refresh of 6,000 records, and makes it last 3", async () => {
    await open({ settings: { unitsPerSecond: 2_000 } });
    const sends: { readonly atMs: number; readonly records: number }[] = [];
    const { onlineStore } = platform.ports;
    const write = onlineStore.write.bind(onlineStore);
    onlineStore.write = (group, records) => {
      sends.push({ atMs: performance.now(), records: records.length });
      return write(group, records);
    };

    const run = await refresh(platform, GROUP, "1997-10-01", [
      writeCsv(inputs, "purchases.csv", purchasesOf(6_000, "1997-09-01")),
    ]);

    expect(countsOf(run)).toMatchObject({ planned: 6_000, written: 6_000 });
    const inSecondFrom = (startMs: number) =>
      sends
        .filter(({ atMs }) => atMs >= startMs && atMs < startMs + 1_000)
        .reduce((sum, { records }) => sum + records, 0);
    expect(Math.max(...sends.map(({ atMs }) => inSecondFrom(atMs)))).toBeLessThanOrEqual(2_000);
    expect(sends.reduce((sum, { records }) => sum + records, 0)).toBe(6_000);
    expect((sends.at(-1)?.atMs ?? 0) - (sends[0]?.atMs ?? 0)).toBeGreaterThan(2_850); // the last tenth is sent at its begin
  });
});

async function open(options: Partial<PlatformOptions> = {}): Promise<void> {
  platform = await openTestPlatform(stateDir, options);
}

async function reopen(options: Partial<PlatformOptions>): Promise<void> {
  await platform.close();
  await open(options);
}

const openAt = (instant: string): Promise<void> => open({ clockMs: at(instant) });

const countsOf = (run: Run): RefreshReport["counts"] | undefined =>
  (run.report as unknown as RefreshReport | null)?.counts;

/** The same records in every store. */
async function expectRecords(group: FeatureGroup, count: number): Promise<void> {
  const offline = await exportRows(platform, group, "offline");
  expect(offline).toHaveLength(count);
  expect(await exportRows(platform, group, "online")).toEqual(offline);
  expect(await exportRows(platform, group, "hot")).toEqual(offline);
}
