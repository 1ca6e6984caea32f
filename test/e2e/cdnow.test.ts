import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findWatermark, readRecord, toIso, toRow } from "@steward/core";
import { customerPurchases } from "@steward/features";
import type { Platform } from "@steward/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportRows, makeStateDir, openTestPlatform, refresh, removeStateDir } from "../support/platform.ts";
import { TWENTY_CUSTOMERS } from "../support/twenty-customers.ts";

const CDNOW = resolve("data/cdnow.csv");
const GROUP = "customer-purchases";

describe("a refresh of the CDNOW purchases", () => {
  let stateDir: string;
  let platform: Platform;

  beforeAll(async () => {
    stateDir = makeStateDir();
    platform = await openTestPlatform(stateDir);
  });

  afterAll(async () => {
    await platform.close();
    await removeStateDir(stateDir);
  });

  it("writes the same 23,570 records to the three stores", async () => {
    const run = await refresh(platform, GROUP, "1997-10-01", [CDNOW]);

    expect(run).toMatchObject({
      outcome: "succeeded",
      report: { counts: { read: 69_659, setAside: 0, planned: 23_570, written: 23_570 } },
    });
    const [offline, online, hot] = await exportAll(platform);
    expect(offline).toHaveLength(23_570);
    expect(online).toEqual(offline);
    expect(hot).toEqual(offline);
  });

  it.for(TWENTY_CUSTOMERS)(
    "gives $recordId, who has $why, the values worked out by hand",
    async ({ recordId, features }) => {
      const record = await readRecord(platform.ports, customerPurchases, recordId, "hot");

      expect(record && toRow(customerPurchases, record)).toEqual({
        group: GROUP,
        recordId,
        eventTime: "1997-10-01T00:00:00.000Z",
        features,
      });
    },
  );

  it("changes nothing when the same is asked again", async () => {
    const before = await exportAll(platform);
    const files = hashParquetFiles(stateDir);

    const again = await refresh(platform, GROUP, "1997-10-01", [CDNOW]);

    expect(again.outcome).toBe("unchanged");
    expect(await exportAll(platform)).toEqual(before);
    expect(hashParquetFiles(stateDir)).toEqual(files);
  });

  it("refuses to go back behind the watermark, and new events at it, and appends nothing", async () => {
    const files = hashParquetFiles(stateDir);
    const more = join(stateDir, "more.csv");
    writeFileSync(more, "customer_id,date,quantity,amount\n99999,1997-09-01,1,1.00\n");

    const back = await refresh(platform, GROUP, "1997-09-01");
    const same = await refresh(platform, GROUP, "1997-10-01", [more]);

    expect(back).toMatchObject({ status: "failed", error: { name: "InvalidInputError" } });
    expect(same).toMatchObject({ status: "failed", error: { name: "InvalidInputError" } });
    expect(hashParquetFiles(stateDir)).toEqual(files);
  });

  it("supersedes every record at a later as-of", async () => {
    const run = await refresh(platform, GROUP, "1997-12-01");

    expect(run.outcome).toBe("succeeded");
    const [offline, online, hot] = await exportAll(platform);
    expect(new Set(offline.map(({ eventTime }) => eventTime))).toEqual(new Set(["1997-12-01T00:00:00.000Z"]));
    expect(online).toEqual(offline);
    expect(hot).toEqual(offline);
    expect(toIso((await findWatermark(platform.ports.ledger, GROUP))?.asOfMs ?? (0 as never))).toBe(
      "1997-12-01T00:00:00.000Z",
    );
  });
});

describe("eighteen monthly files with a refresh after each", () => {
  it("end in the same state as one refresh over the whole file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "steward-months-"));
    const [whole, monthly] = [makeStateDir(), makeStateDir()];
    const months = splitByMonth(folder);
    const one = await openTestPlatform(whole);
    await refresh(one, GROUP, "1998-07-01", [CDNOW]);
    const expected = await exportAll(one);
    await one.close();
    const many = await openTestPlatform(monthly);

    for (const { file, asOf } of months)
      expect(await refresh(many, GROUP, asOf, [file])).toMatchObject({ outcome: "succeeded" });

    expect(months).toHaveLength(18);
    expect(await exportAll(many)).toEqual(expected);
    await many.close();
    await Promise.all([removeStateDir(whole), removeStateDir(monthly)]);
    rmSync(folder, { recursive: true, force: true });
  }, 180_000);
});

async function exportAll(platform: Platform) {
  return [
    await exportRows(platform, customerPurchases, "offline"),
    await exportRows(platform, customerPurchases, "online"),
    await exportRows(platform, customerPurchases, "hot"),
  ] as const;
}

function hashParquetFiles(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".parquet") && statSync(join(folder, name)).isFile(),
  );
  return Object.fromEntries(
    files.sort().map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(folder, name)))
        .digest("hex"),
    ]),
  );
}

/** One file a calendar month, and the as-of at which the month is over. */
function splitByMonth(folder: string): readonly { file: string; asOf: string }[] {
  const [header, ...rows] = readFileSync(CDNOW, "utf8").trimEnd().split("\n");
  const months = new Map<string, string[]>();
  for (const row of rows) {
    const month = row.split(",")[1]?.slice(0, 7) ?? "";
    const held = months.get(month);
    if (held === undefined) months.set(month, [row]);
    else held.push(row);
  }
  return [...months.keys()].sort().map((month) => {
    const file = join(folder, `${month}.csv`);
    writeFileSync(file, `${header}\n${months.get(month)?.join("\n")}\n`);
    const [year = 0, number = 0] = month.split("-").map(Number);
    const next = number === 12 ? `${year + 1}-01-01` : `${year}-${String(number + 1).padStart(2, "0")}-01`;
    return { file, asOf: next };
  });
}
