// A ledger restored from a backup that is older than a suppression: seeded again from the evidence before anything writes.

import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSuppressions, suppressSubjects } from "@steward/core";
import { customerPurchases } from "@steward/features";
import type { Platform } from "@steward/local";
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
const FILES = ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"];

let stateDir: string;
let backup: string;
let platform: Platform;

beforeEach(() => {
  stateDir = makeStateDir();
  backup = mkdtempSync(join(tmpdir(), "steward-backup-"));
});

afterEach(async () => {
  await platform.close();
  await removeStateDir(stateDir);
  rmSync(backup, { recursive: true, force: true });
});

describe("a ledger that was restored from before a suppression", () => {
  it("has the suppression with its time again once the platform is open, and a refresh leaves the subject out", async () => {
    const open = async (clock: string): Promise<void> => {
      platform = await openTestPlatform(stateDir, { clockMs: at(clock) });
    };
    await open("1997-10-15");
    const input = writeCsv(backup, "purchases.csv", purchasesOf(3, "1997-09-01"));
    await refresh(platform, GROUP, "1997-10-01", [input]);
    await platform.close();
    moveLedger(stateDir, backup);
    await open("1997-10-16");
    const pseudonym = platform.ports.pseudonymiser.pseudonym("customer", "00001");
    const untilMs = await suppressSubjects(platform.ports, "customer", "request-1", [pseudonym]);
    await platform.close();

    moveLedger(backup, stateDir);
    await open("1997-12-01");

    expect(untilMs).toBe(at("1997-10-16T00:00:00.001Z"));
    expect(await readSuppressions(platform.ports.ledger, "customer")).toEqual([
      { entity: "customer", pseudonym, untilMs },
    ]);
    await refresh(platform, GROUP, "1997-11-30");
    const rows = await exportRows(platform, customerPurchases, "hot");
    expect(rows.map(({ recordId, eventTime }) => `${recordId} ${eventTime}`)).toEqual([
      "00000 1997-11-30T00:00:00.000Z",
      "00001 1997-10-01T00:00:00.000Z", // as it was: its erasure has not come to it
      "00002 1997-11-30T00:00:00.000Z",
    ]);
  });
});

/** Copies the ledger over the one that is there. */
function moveLedger(from: string, to: string): void {
  for (const name of FILES) rmSync(join(to, name), { force: true });
  for (const name of FILES) if (existsSync(join(from, name))) cpSync(join(from, name), join(to, name));
}
