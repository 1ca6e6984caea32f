import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  acceptErasure,
  continueFinishes,
  type ErasureReport,
  findCertificate,
  listOpenAsOfs,
  type RecordRow,
  type Run,
  readRecord,
  registerAsOf,
  type SubjectRows,
  startRebuild,
} from "@steward/core";
import { customerActivity, customerPurchases } from "@steward/features";
import type { Platform } from "@steward/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeCanaries } from "../support/leak-search.ts";
import {
  at,
  exportRows,
  makeStateDir,
  openTestPlatform,
  refresh,
  removeStateDir,
} from "../support/platform.ts";
import { listFiles, readFiles, readRedis } from "../support/state-contents.ts";

const GROUP = customerPurchases.name;
const CDNOW = resolve("data/cdnow.csv");
const STORES = ["hot", "online", "offline"] as const;
/** A worker's life of the tests: every erasure waits so long. */
const SETTINGS = { workerLifeMs: 3_000, offlineBufferMs: 100, setAsideThreshold: 1 };
const HEADER = "customer_id,date,quantity,amount";

describe("the erasure of CDNOW's customer 00042", () => {
  let stateDir: string;
  let platform: Platform;
  let before: readonly RecordRow[];
  let run: Run;

  beforeAll(async () => {
    stateDir = makeStateDir();
    platform = await openTestPlatform(stateDir, { settings: SETTINGS });
    await refresh(platform, GROUP, "1997-10-01", [CDNOW]);
    await refresh(platform, GROUP, "1997-12-01");
    before = await exportRows(platform, customerPurchases, "hot");
    run = await erase(platform, ["00042"]);
  }, 120_000);

  afterAll(async () => {
    await platform.close();
    await removeStateDir(stateDir);
  });

  it("ends with a certificate that says what was found where, and that it went", async () => {
    const report = reportOf(run);

    expect(run).toMatchObject({ status: "succeeded", outcome: "certified" });
    expect(report.counts).toEqual({ subjects: 1, erased: 1, nothingFound: 0, newerKept: 0 });
    const found = report.copies
      .filter(({ found }) => found > 0)
      .map(({ copy, name, erased }) => [copy, name, erased]);
    expect(found).toEqual([
      ["online", GROUP, 1],
      ["hot", GROUP, 1],
      ["offline", GROUP, 2],
      ["event table", "purchases", 2],
    ]);
    const certificate = await findCertificate(platform.ports, run.runId);
    expect(certificate?.subjects).toEqual([
      { pseudonym: platform.ports.pseudonymiser.pseudonym("customer", "00042"), outcome: "erased" },
    ]);
    expect(certificate?.scan).toMatchObject({ found: 0, objects: 3, versions: 3 });
  });

  it("leaves the other 23,569 as they were, in the three stores", async () => {
    const others = before.filter(({ recordId }) => recordId !== "00042");

    expect(others).toHaveLength(23_569);
    for (const store of STORES) expect(await exportRows(platform, customerPurchases, store)).toEqual(others);
  });

  it("is not undone by a later refresh or by a rebuild", async () => {
    const refreshed = await refresh(platform, GROUP, "1998-07-01");
    const rebuilt = await platform.settled(
      await startRebuild(platform.ports, { group: GROUP, asOfMs: undefined }),
    );

    expect([refreshed.outcome, rebuilt.outcome]).toEqual(["succeeded", "succeeded"]);
    expect(refreshed.report?.counts).toMatchObject({ planned: 23_569, written: 23_569 });
    for (const store of STORES)
      expect(await readRecord(platform.ports, customerPurchases, "00042", store)).toBeUndefined();
  });

  it("drops the events that are handed in again", async () => {
    const again = join(stateDir, "again.csv");
    writeFileSync(again, `${HEADER}\n00042,1997-01-01,1,5.00\n00043,1998-07-01,1,5.00\n`);

    const refreshed = await refresh(platform, GROUP, "1998-08-01", [again]);

    expect(refreshed.outcome).toBe("succeeded");
    for (const store of STORES)
      expect(await readRecord(platform.ports, customerPurchases, "00042", store)).toBeUndefined();
  });
});

describe("a customer who comes back", () => {
  it("has what was bought after the erasure, and that alone", async () => {
    const stateDir = makeStateDir();
    const input = join(stateDir, "..", `${stateDir.split("/").at(-1)}.csv`);
    writeFileSync(input, `${HEADER}\n00042,2026-01-05,3,30.00\n00043,2026-01-05,1,10.00\n`);
    const streamed = { settings: SETTINGS, groups: [customerPurchases, customerActivity] };
    const early = await openTestPlatform(stateDir, { ...streamed, clockMs: at("2026-02-01") });
    await refresh(early, GROUP, "2026-01-20", [input]);
    const first = await erase(early, ["00042"]);
    expect(first).toMatchObject({ outcome: "certified" });
    expect(await continueFinishes(early.ports)).toEqual([]);
    await early.close();
    writeFileSync(input, `${HEADER}\n00042,2026-03-01,1,7.00\n`);

    const late = await openTestPlatform(stateDir, { ...streamed, clockMs: at("2026-04-01") });
    await refresh(late, GROUP, "2026-03-15", [input]);

    const records = await Promise.all(
      STORES.map((store) => readRecord(late.ports, customerPurchases, "00042", store)),
    );
    for (const record of records)
      expect(record?.features).toMatchObject({
        orders_90d: 1,
        items_90d: 1,
        last_ordered_at: "2026-03-01T00:00:00.000Z",
      });
    const finishes = await continueFinishes(late.ports);
    const finished = await Promise.all(finishes.map((run) => late.settled(run)));
    expect(finished).toMatchObject([{ outcome: "finished", report: { requestId: first.runId } }]);
    const sealed = await late.ports.ledger.list(`erasure-subjects#${first.runId}`);
    expect(sealed.map(({ body }) => body.sealed)).toEqual([null]);
    expect(await readRecord(late.ports, customerPurchases, "00042", "hot")).toBeDefined();
    const again = await erase(late, ["00042"]);
    expect(reportOf(again).counts).toMatchObject({ erased: 1, newerKept: 0 });
    expect(reportOf(again).suppressedUntil).toBe("2026-04-01T00:00:00.001Z");
    await late.close();
    await removeStateDir(stateDir);
  }, 120_000);
});

describe("an erasure beside other work", () => {
  let stateDir: string;
  let platform: Platform;
  const [person = ""] = makeCanaries(1, 7);

  beforeAll(async () => {
    stateDir = makeStateDir();
    platform = await openTestPlatform(stateDir, { settings: SETTINGS });
    const input = join(stateDir, "purchases.csv");
    writeFileSync(
      input,
      `${HEADER}\n${person},1997-01-05,3,30.00\n00043,1997-01-05,1,10.00\n${person},never,1,1.00\n`,
    );
    await refresh(platform, GROUP, "1997-02-01", [input]).then(() => writeFileSync(input, ""));
  });

  afterAll(async () => {
    await platform.close();
    await removeStateDir(stateDir);
  });

  it("finds nothing of somebody who never was, suppresses all the same, and says where it looked", async () => {
    const run = await erase(platform, ["nobody"]);

    expect(run).toMatchObject({ status: "succeeded", outcome: "nothing found" });
    expect(reportOf(run).counts).toEqual({ subjects: 1, erased: 0, nothingFound: 1, newerKept: 0 });
    expect(reportOf(run).copies.map(({ copy }) => copy)).toEqual(
      expect.arrayContaining([
        "online",
        "hot",
        "offline",
        "event table",
        "set-aside rows",
        "queue",
        "dead letters",
      ]),
    );
  });

  it("gives one answer to two calls at once, another with another key, and a new one once it is certified", async () => {
    const call = { entity: "customer", identifiers: ["00077"] };

    const [one, two] = await Promise.all([
      acceptErasure(platform.ports, call),
      acceptErasure(platform.ports, call),
    ]);
    const keyed = await acceptErasure(platform.ports, { ...call, key: "k1" });
    const sameKey = await acceptErasure(platform.ports, { ...call, key: "k1" });
    await platform.settled(one.run);
    const keyedEnd = await platform.settled(keyed.run);
    const later = await acceptErasure(platform.ports, call);
    const laterEnd = await platform.settled(later.run);

    expect(two.run.runId).toBe(one.run.runId);
    expect([one.isNew, two.isNew].sort()).toEqual([false, true]);
    expect(keyed.run.runId).not.toBe(one.run.runId);
    expect(sameKey).toMatchObject({ isNew: false, run: { runId: keyed.run.runId } });
    expect(later.run.runId).not.toBe(one.run.runId);
    const [earlierT, laterT] = [keyedEnd, laterEnd].map((run) => reportOf(run).suppressedUntil);
    expect(String(laterT) > String(earlierT)).toBe(true);
    await expect(
      acceptErasure(platform.ports, { entity: "customer", identifiers: ["00078"], key: "k1" }),
    ).rejects.toThrow("for other subjects");
  }, 120_000);

  it("waits for a computation that registered before, and cancels one whose process is dead", async () => {
    const { ledger, holders, timer } = platform.ports;
    const alive = { runId: "alive", attempt: 1, asOfMs: at("1997-03-01"), process: holders.current() };
    await registerAsOf(ledger, "customer", { ...alive, expiresAtMs: timer.nowMs() + 5_000 });
    await registerAsOf(ledger, "customer", {
      ...alive,
      runId: "dead",
      process: deadProcess(holders.current()),
      expiresAtMs: timer.nowMs() + 600_000,
    });
    const begunMs = timer.nowMs();

    const run = await erase(platform, ["00099"]);

    expect(run.status).toBe("succeeded");
    expect(timer.nowMs() - begunMs).toBeGreaterThanOrEqual(5_000);
    expect(await listOpenAsOfs(ledger, "customer")).toEqual([]);
  }, 60_000);

  it("leaves no trace of the person in any file, version, database, log or in Redis", async () => {
    const { objects, erasureFiles } = platform.ports;
    const [file] = (await objects.list("offline/")).filter(({ key }) => key.endsWith(".parquet"));
    if (file === undefined) throw new Error("there is no offline file");
    // The current version no longer holds the person, an older one does.
    const { path = "" } = await erasureFiles.rewrite(file, rowsOf(person));
    await objects.putFile(file.key, path);
    expect(await erasureFiles.count(file, rowsOf(person))).toEqual({ rows: 1, newerRows: 0 });
    expect(placesOf(platform, person).join()).toContain("feature-store/");

    const run = await erase(platform, [person]);

    const versions = await objects.listVersions(file.key);
    expect(versions.map(({ versionId, isLatest }) => [versionId === file.versionId, isLatest])).toEqual([
      [false, true],
    ]);
    const gone = reportOf(run).copies.flatMap(({ copy, erased }) => (erased > 0 ? [[copy, erased]] : []));
    expect(gone).toEqual([
      ["online", 1],
      ["hot", 1],
      ["offline", 1],
      ["event table", 1],
      ["set-aside rows", 1],
    ]);
    expect(placesOf(platform, person)).toEqual([]);
    expect(JSON.stringify(run)).not.toContain(person);
    expect((await readRedis(platform.services.redis.url)).some(({ bytes }) => includes(bytes, person))).toBe(
      false,
    );
  }, 60_000);
});

function rowsOf(identifier: string): SubjectRows {
  const subjects = [{ identifier, untilMs: at("2030-01-01") }];
  return { layout: { kind: "offline" }, columns: ["customer_id"], subjects };
}

/** Files of the state folder that hold the text anywhere, free pages and logs of databases included. */
function placesOf(platform: Platform, text: string): readonly string[] {
  const { root } = platform.folder;
  const contents = readFiles(root, listFiles(root));
  return contents.filter(({ bytes }) => includes(bytes, text)).map(({ place }) => place);
}

const includes = (bytes: Uint8Array, text: string): boolean => Buffer.from(bytes).includes(text);

async function erase(platform: Platform, identifiers: readonly string[]): Promise<Run> {
  const { run } = await acceptErasure(platform.ports, { entity: "customer", identifiers });
  return platform.settled(run);
}

function reportOf(run: Run): ErasureReport {
  return run.report as unknown as ErasureReport; // core wrote it
}

/** As this machine names a process that has ended. */
function deadProcess(current: string): string {
  return JSON.stringify({ ...JSON.parse(current), pid: 999_999, startedAt: "1" });
}
