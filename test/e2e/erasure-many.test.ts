// Very many subjects in one request while everything else goes on: a refresh, a rebuild and a replay are at work when it
// begins, and one of the erased buys again before it ends.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DrivenClock, SystemTimer } from "@steward/adapters";
import {
  acceptErasure,
  checkChain,
  type ErasureReport,
  findCertificate,
  type RecordRow,
  type Run,
  startRebuild,
  startRefresh,
  startReplay,
} from "@steward/core";
import { customerActivity, customerLoyalty, customerPurchases } from "@steward/features";
import type { Platform } from "@steward/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  at,
  exportRows,
  makeStateDir,
  openTestPlatform,
  refresh,
  removeStateDir,
} from "../support/platform.ts";
import { writeCsv } from "../support/purchase-files.ts";
import { put, takenIn, type Visit } from "../support/shop-visits.ts";
import { findInState } from "../support/state-search.ts";
import { runSteward } from "../support/steward-command.ts";
import { until } from "../support/until.ts";

const GROUPS = [customerActivity, customerLoyalty, customerPurchases];
const STORES = ["hot", "online", "offline"] as const;
const SETTINGS = { workerLifeMs: 3_000, offlineBufferMs: 500 };
const [HEADER = "", ...ROWS] = readFileSync("data/cdnow.csv", "utf8").trimEnd().split("\n");
const idOf = (row: string): string => row.slice(0, row.indexOf(","));
const CUSTOMERS = [...new Set(ROWS.map(idOf))];
/** Every 23rd customer, under a name that begins as nothing else does, so that one look through all bytes finds any. */
const MARK = "zqxleaver";
const LEAVERS = new Map(
  CUSTOMERS.filter((_, index) => index % 23 === 7)
    .slice(0, 1_000)
    .map((id, index) => [id, index === 0 ? "returning-customer" : `${MARK}${id}`]),
);
const RETURNING = "returning-customer";
/** Every third customer was seen in the shop, 333 of those who leave among them. */
const VISITORS = CUSTOMERS.filter((_, index) => index % 3 === 0);
const BOUGHT_AGAIN = `${RETURNING},1998-07-20,2,7.50`;
/** Where the stream keeps what it was given until its retention has passed: the certificate says when. */
const STREAM_FILE = /^stream\.sqlite/;

let folder: string;
let stateDir: string;
let otherDir: string;
let platform: Platform;
let other: Platform;
const entered = new Set<string>();
let ends: Readonly<Record<"refresh" | "rebuild" | "replay" | "again" | "erasure", Run>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "steward-many-"));
  stateDir = makeStateDir();
  otherDir = makeStateDir();
  platform = await open(stateDir, (machine, _execution, state) => entered.add(`${machine}: ${state}`));
  await takeAll();
  ends = await eraseInTheMiddle();
  other = await open(otherDir);
  await takeWithoutThem();
}, 240_000);

afterAll(async () => {
  await platform.close();
  await other.close();
  await removeStateDir(stateDir);
  await removeStateDir(otherDir);
  rmSync(folder, { recursive: true, force: true });
});

describe("1,000 of 23,570 customers, erased in one request while a refresh, a rebuild and a replay are at work", () => {
  it("end with one certificate that verifies, in an unbroken chain", async () => {
    const { ports } = platform;
    const proof = await platform.saveCertificate(ends.erasure.runId);
    const certificate = await findCertificate(ports, ends.erasure.runId);
    const verified = await runSteward([
      "certificate",
      "verify",
      proof?.certificate ?? "",
      "--key",
      proof?.publicKey ?? "",
      "--chain",
      join(platform.folder.objects, "evidence"),
    ]);

    expect(ends.erasure).toMatchObject({ status: "succeeded", outcome: "certified" });
    expect((ends.erasure.report as unknown as ErasureReport).counts).toEqual({
      subjects: 1_000,
      erased: 1_000,
      nothingFound: 0,
      newerKept: 0,
    });
    expect(certificate?.subjects).toHaveLength(1_000);
    expect(certificate?.suppressedUntil).toBe("1998-07-01T00:00:00.001Z");
    expect(verified).toMatchObject({ code: 0 });
    expect(await checkChain(ports.objects)).toEqual({ entries: 2, fault: undefined });
  });

  it("let the refresh, the rebuild and the replay end well, each of which had begun before", () => {
    const outcomes = Object.entries(ends).map(([name, { outcome, error }]) => [name, outcome, error]);

    expect(outcomes).toEqual([
      ["refresh", "succeeded", null],
      ["rebuild", "succeeded", null],
      ["replay", "succeeded", null],
      ["again", "succeeded", null],
      ["erasure", "certified", null],
    ]);
  });

  it("are in no store, object version, event table, staged file, log, queue or ledger item", async () => {
    const places = await findInState(platform, MARK);

    expect(places.filter((place) => !STREAM_FILE.test(place))).toEqual([]);
    expect(places.length).toBeGreaterThan(0); // the stream's own file: the search does find them
  }, 60_000);

  it("leave the 22,570 others, and who came back with what was bought after, as a run that never held them", async () => {
    for (const group of [customerPurchases, customerLoyalty]) {
      const others = await exportRows(other, group, "offline");
      for (const store of STORES) {
        const rows = await exportRows(platform, group, store);
        expect(differing(rows, others)).toEqual([]);
        expect(rows).toHaveLength(group === customerPurchases ? 22_571 : 22_570);
        const returned = rows.find(({ recordId }) => recordId === RETURNING)?.features;
        if (group === customerLoyalty) expect(returned).toBeUndefined();
        else expect(returned).toMatchObject({ orders_90d: 1, spend_90d: 7.5, items_90d: 2 });
      }
    }
    const visits = await exportRows(other, customerActivity, "hot");
    for (const store of ["hot", "online"] as const) {
      const rows = await exportRows(platform, customerActivity, store);
      expect(differing(rows, visits)).toEqual([]);
      expect(rows.length).toBe(VISITORS.filter((id) => !LEAVERS.has(id)).length);
    }
  }, 60_000);
});

/** All 23,570 are in the three stores, and their visits on the stream and in its group. */
async function takeAll(): Promise<void> {
  const nameOf = (id: string): string => LEAVERS.get(id) ?? id;
  await putVisits(platform, VISITORS.map(nameOf));
  const rows = ROWS.map((row) => `${nameOf(idOf(row))}${row.slice(row.indexOf(","))}`);
  await refresh(platform, customerPurchases.name, "1997-10-01", [writeCsv(folder, "all.csv", rows, HEADER)]);
  await takenIn(platform);
}

/** The same in the end, where the 1,000 never were, but for the purchase after. */
async function takeWithoutThem(): Promise<void> {
  const stayed = (id: string): boolean => !LEAVERS.has(id);
  await putVisits(other, VISITORS.filter(stayed));
  const input = writeCsv(
    folder,
    "stayed.csv",
    ROWS.filter((row) => stayed(idOf(row))),
    HEADER,
  );
  await refresh(other, customerLoyalty.name, "1998-06-15", [input]);
  await takenIn(other);
  drive(other, "1998-08-15");
  await refresh(other, customerPurchases.name, "1998-08-01", [again()]);
}

async function putVisits(to: Platform, visitors: readonly string[]): Promise<void> {
  const seenAt = "1998-06-20T08:00:00Z";
  to.startStreams();
  await put(
    to.ports,
    visitors.map((id): Visit => ({ customer_id: id, seen_at: seenAt, page: "home" })),
  );
}

/** Starts the erasure once the three computations are registered, and the purchase after it once it has its time. */
async function eraseInTheMiddle(): Promise<typeof ends> {
  const { ports } = platform;
  const refreshed = await startRefresh(ports, {
    group: customerLoyalty.name,
    asOfMs: at("1998-06-15"),
    inputs: [],
  });
  await seen("refresh: Compute features");
  const rebuilt = await startRebuild(ports, { group: customerPurchases.name, asOfMs: undefined });
  await seen("rebuild: Snapshot records");
  const replayed = await startReplay(ports, { group: customerActivity.name, fromMs: undefined });
  await seen("replay: Replay stream");
  const identifiers = [...LEAVERS.values()];
  const { run } = await acceptErasure(ports, { entity: "customer", identifiers });
  await seen("erasure: Erase readable");
  drive(platform, "1998-08-15");
  const back = await startRefresh(ports, {
    group: customerPurchases.name,
    asOfMs: at("1998-08-01"),
    inputs: [again()],
  });
  const all = [refreshed, rebuilt, replayed, back, run].map((one) => platform.settled(one));
  const [refresh1, rebuild1, replay1, again1, erasure1] = (await Promise.all(all)) as [
    Run,
    Run,
    Run,
    Run,
    Run,
  ];
  return { refresh: refresh1, rebuild: rebuild1, replay: replay1, again: again1, erasure: erasure1 };
}

function seen(state: string): Promise<true> {
  return until(`the run is at "${state}"`, () => entered.has(state));
}

const again = (): string => writeCsv(folder, "again.csv", [BOUGHT_AGAIN], HEADER);

function open(
  dir: string,
  onState?: (machine: string, execution: string, state: string) => void,
): Promise<Platform> {
  return openTestPlatform(dir, {
    groups: GROUPS,
    settings: SETTINGS,
    clockMs: at("1998-07-01"),
    offlineDelayMs: 100,
    ...(onState === undefined ? {} : { onState }),
  });
}

function drive({ folder: { clock } }: Platform, to: string): void {
  new DrivenClock({ file: clock, timer: new SystemTimer() }).set(at(to));
}

/** Rows that only one of the two has, as they are written out. */
function differing(ones: readonly RecordRow[], others: readonly RecordRow[]): readonly string[] {
  const [left, right] = [new Set(ones.map(toText)), new Set(others.map(toText))];
  return [...left].filter((row) => !right.has(row)).concat([...right].filter((row) => !left.has(row)));
}

const toText = (row: RecordRow): string => JSON.stringify(row);
