// `steward up` refreshes by itself: on a clock that another process drives, killed in the middle, twice on one folder.

import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DrivenClock, FolderIncoming, SystemTimer } from "@steward/adapters";
import { findCursor, listRuns, type Run, toIso } from "@steward/core";
import { customerLoyalty } from "@steward/features";
import { type LedgerView, openLedgerView } from "@steward/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { at, exportRows, makeStateDir, openTestPlatform, removeStateDir } from "../support/platform.ts";
import { PURCHASE_HEADER, purchasesOf, writeCsv } from "../support/purchase-files.ts";
import { type RunningCommand, startSteward } from "../support/steward-command.ts";
import { until } from "../support/until.ts";

const GROUP = "customer-loyalty";
/** Records of each run, at as many a second over both stores. */
const CUSTOMERS = 40;
const PACE = "14";
const WATCHES_MS = 3_000;

let state: string;
let view: LedgerView;
const ups: RunningCommand[] = [];

beforeEach(() => {
  state = makeStateDir();
  view = openLedgerView(state, at("1997-10-01"));
});
afterEach(async () => {
  for (const { child, ended } of ups.splice(0)) {
    child.kill("SIGKILL");
    await ended;
  }
  view.close();
  await removeStateDir(state);
});

async function startUp(...args: string[]): Promise<RunningCommand> {
  const up = startSteward(["up", ...args], { state });
  ups.push(up);
  await up.said("Steward is up");
  return up;
}

const dropFolder = (): string => join(state, "incoming", "purchases");
const drive = (to: string): void =>
  new DrivenClock({ file: join(state, "clock.jsonl"), timer: new SystemTimer() }).set(at(to));
const runsOf = async (): Promise<readonly Run[]> =>
  (await listRuns(view.ledger)).filter(({ group }) => group === GROUP);
const seen = () =>
  until("the group is seen", async () => (await findCursor(view.ledger, GROUP)) !== undefined);
const settled = (count: number) =>
  until(`${count} runs have ended`, async () => {
    const runs = await runsOf();
    return runs.length >= count && runs.every(({ status }) => status !== "running") ? runs : undefined;
  });
const slotsOf = (runs: readonly Run[]) => runs.map(({ asOfMs, status }) => `${toIso(asOfMs)} ${status}`);

/** Waits until the file counts as whole. */
async function drop(name: string, rows: readonly string[]): Promise<void> {
  const path = writeCsv(dropFolder(), name, rows);
  const incoming = new FolderIncoming({ root: join(state, "incoming"), timer: new SystemTimer() });
  await until("the file is whole", async () =>
    (await incoming.list("purchases")).some((file) => file.name === path),
  );
}

describe("steward up", () => {
  it("fills every slot once and within the pace after it was killed for three periods in the middle of a run", async () => {
    const up = await startUp("--pace", PACE);
    await seen();
    await drop("purchases.csv", purchasesOf(CUSTOMERS, "1997-09-29"));
    drive("1997-10-01T02:00:00Z");
    await settled(1);
    drive("1997-10-02T02:00:00Z");
    await until("the second run writes", async () => (await runsOf())[1]?.token);
    up.child.kill("SIGKILL");
    await up.ended;
    const [, interrupted] = await runsOf();
    drive("1997-10-05T02:00:00Z");

    await startUp("--pace", PACE);
    const runs = await settled(5);
    await sleep(WATCHES_MS);

    expect(interrupted?.status).toBe("running");
    expect(slotsOf(await runsOf())).toEqual([
      "1997-10-01T01:52:50.000Z succeeded",
      "1997-10-02T01:52:50.000Z succeeded",
      "1997-10-03T01:52:50.000Z succeeded",
      "1997-10-04T01:52:50.000Z succeeded",
      "1997-10-05T01:52:50.000Z succeeded",
    ]);
    expect(runs[1]?.runId).toBe(interrupted?.runId);
    for (const { report } of runs) expect(report?.counts).toMatchObject({ planned: CUSTOMERS, failed: 0 });
    for (const run of runs.slice(2)) {
      expect(run.unitsPerSecond).toBe(Number(PACE));
      const seconds = (Number(run.endedAtMs) - run.createdAtMs) / 1_000;
      expect(seconds).toBeGreaterThan((CUSTOMERS - 1) / Number(PACE));
    }
  }, 120_000);

  it("fills every slot once where two of them look after one folder", async () => {
    await Promise.all([startUp(), startUp()]);
    await seen();
    await drop("purchases.csv", purchasesOf(10, "1997-09-29"));
    drive("1997-10-04T02:00:00Z");

    await settled(4);
    await sleep(WATCHES_MS);

    expect(slotsOf(await runsOf())).toEqual([
      "1997-10-01T01:52:50.000Z succeeded",
      "1997-10-02T01:52:50.000Z succeeded",
      "1997-10-03T01:52:50.000Z succeeded",
      "1997-10-04T01:52:50.000Z succeeded",
    ]);
  }, 90_000);

  it("leaves a file alone that is still written, and takes it whole with a later slot", async () => {
    await startUp();
    await seen();
    await drop("first.csv", purchasesOf(2, "1997-09-28"));
    const growing = join(dropFolder(), "second.csv");
    writeFileSync(growing, `${PURCHASE_HEADER}\n00000,1997-09-29,1,5.00\n00001,1997-0`);
    const writing = setInterval(() => appendFileSync(growing, "9"), 200);
    drive("1997-10-01T02:00:00Z");
    const [before] = await settled(1);
    clearInterval(writing);

    await drop("second.csv", purchasesOf(3, "1997-09-29"));
    drive("1997-10-02T02:00:00Z");
    const [, after] = await settled(2);

    expect(before).toMatchObject({ status: "succeeded", inputs: [join(dropFolder(), "first.csv")] });
    expect(after).toMatchObject({ status: "succeeded", inputs: [growing] });
    const platform = await openTestPlatform(state);
    const rows = await exportRows(platform, customerLoyalty, "hot");
    await platform.close();
    expect(rows.map(({ features }) => features.orders_52w)).toEqual([2, 2, 1]);
  }, 90_000);
});
