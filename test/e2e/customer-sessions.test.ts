// A group whose rows name a person who is not their record, on the whole platform: through refresh, rebuild and back, and
// out of the readable stores by that name.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type EpochMs,
  eraseNamed,
  type RecordRow,
  type Run,
  startRebuild,
  suppressionPartition,
  tagOf,
  writeRecords,
} from "@steward/core";
import { customerSessions } from "@steward/features";
import { generateClicks } from "@steward/features/generate-clicks.ts";
import type { Platform } from "@steward/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findLeaks, makeCanaries, toNeedles } from "../support/leak-search.ts";
import {
  at,
  exportRows,
  GROUPS,
  makeStateDir,
  openTestPlatform,
  refresh,
  removeStateDir,
} from "../support/platform.ts";
import { listFiles, readFiles, readRedis } from "../support/state-contents.ts";

const GROUP = customerSessions.name;
const AS_OF = at("2026-03-01");
const SESSIONS = 400;
/** Customer 1 of the generator, under a name that no other value holds. */
const [PERSON = ""] = makeCanaries(1, 11);
/** Ledger, queue, Redis' log, the platform's log. */
const FEWEST_FILES = 4;
const FEWEST_SESSIONS = 20;

let stateDir: string;
let inputs: string;
let platform: Platform;
let pseudonym: string;

beforeAll(async () => {
  stateDir = makeStateDir();
  inputs = mkdtempSync(join(tmpdir(), "steward-inputs-"));
  platform = await open("2026-03-05");
  pseudonym = platform.ports.pseudonymiser.pseudonym("customer", PERSON);
  const options = { seed: 5, customers: 40, sessions: SESSIONS, fromDay: "2026-01-01", days: 30 };
  const lines = [...generateClicks(options)].map((line) => line.replace(",0000001,", `,${PERSON},`));
  const input = join(inputs, "clicks.csv");
  writeFileSync(input, `${lines.join("\n")}\n`);
  await refresh(platform, GROUP, "2026-03-01", [input]);
});

afterAll(async () => {
  await platform.close();
  await removeStateDir(stateDir);
  rmSync(inputs, { recursive: true, force: true });
});

describe("customer-sessions, refreshed", () => {
  it("names its customer offline and online, and by pseudonym alone in the hot store", async () => {
    const [offline, online, hot] = await allStores();

    expect(offline).toHaveLength(SESSIONS);
    expect(online).toEqual(offline);
    expect(hot).toEqual(offline?.map((row) => withPseudonym(row)));
    expect(sessionsOf(offline, PERSON).length).toBeGreaterThan(FEWEST_SESSIONS);
    expect(sessionsOf(hot, pseudonym)).toHaveLength(sessionsOf(offline, PERSON).length);
    expect(await leaks()).toEqual([]);
  });

  it("comes back whole by a rebuild, its full compare clean", async () => {
    const before = await allStores();
    for (const store of ["hot", "online"] as const) await platform.wipe(store);

    const run = await rebuild();

    expect(run).toMatchObject({
      status: "succeeded",
      report: { counts: { planned: SESSIONS, written: SESSIONS } },
    });
    expect(await allStores()).toEqual(before);
  });
});

describe("eraseNamed", () => {
  it("finds nothing of a customer who has no session", async () => {
    const nobody = { identifier: "nobody", pseudonym: named("nobody"), untilMs: AS_OF };

    expect(await eraseNamed(platform.ports, customerSessions, "customer_id", [nobody])).toEqual({
      online: { lookedAt: SESSIONS, found: 0, erased: 0, newerKept: 0 },
      hot: { lookedAt: SESSIONS, found: 0, erased: 0, newerKept: 0 },
    });
  });

  it("keeps the sessions that are dated after the instant", async () => {
    const before = await allStores();
    const subject = { identifier: PERSON, pseudonym, untilMs: (AS_OF - 1) as EpochMs };
    const found = sessionsOf(before[0], PERSON).length;

    const erased = await eraseNamed(platform.ports, customerSessions, "customer_id", [subject]);

    const kept = { lookedAt: SESSIONS, found, erased: 0, newerKept: found };
    expect(erased).toEqual({ online: kept, hot: kept });
    expect(await allStores()).toEqual(before);
  });

  it("erases the sessions of several customers from online and hot store, those of the others stay, and twice equals once", async () => {
    const [offline = []] = await allStores();
    const others = offline.filter(
      ({ features }) => ![PERSON, "0000002"].includes(String(features.customer_id)),
    );
    const subjects = [PERSON, "0000002"].map((identifier) => ({
      identifier,
      pseudonym: named(identifier),
      untilMs: AS_OF,
    }));
    const found = SESSIONS - others.length;

    const erased = await eraseNamed(platform.ports, customerSessions, "customer_id", subjects);
    const again = await eraseNamed(platform.ports, customerSessions, "customer_id", subjects);

    const gone = { lookedAt: SESSIONS, found, erased: found, newerKept: 0 };
    const nothing = { lookedAt: others.length, found: 0, erased: 0, newerKept: 0 };
    expect(found).toBeGreaterThan(FEWEST_SESSIONS);
    expect(erased).toEqual({ online: gone, hot: gone });
    expect(again).toEqual({ online: nothing, hot: nothing });
    const [, online, hot] = await allStores();
    expect(online).toEqual(others);
    expect(hot).toEqual(others.map(withPseudonym));
  });
});

describe("customer-sessions, of a customer who is suppressed", () => {
  it("does not come back by a late batch, a rebuild or a refresh; a visit after T does", async () => {
    const [offline = []] = await allStores();
    const theirs = sessionsOf(offline, PERSON);
    const others = sessionsOf(offline, "0000002").length;
    const untilMs = platform.ports.clock.now();
    await platform.ports.ledger.put(
      { partition: suppressionPartition("customer", tagOf(pseudonym)), sort: pseudonym },
      { untilMs, pending: null },
      "absent",
    );

    const late = await writeRecords(
      platform.ports,
      customerSessions,
      theirs.map(({ recordId, eventTime, features }) => ({
        recordId,
        eventTimeMs: at(eventTime),
        features: presentOf(features),
      })),
      { deadlineMs: Number.POSITIVE_INFINITY, targets: ["online", "hot"] },
    );
    const rebuilt = await rebuild();

    expect(late.counts.overall).toMatchObject({
      planned: theirs.length,
      suppressed: theirs.length,
      written: 0,
    });
    const left = SESSIONS - theirs.length;
    expect(rebuilt).toMatchObject({
      status: "succeeded",
      report: { counts: { planned: left, written: left } },
    });
    const [, online, hot] = await allStores();
    expect(sessionsOf(online, PERSON)).toEqual([]);
    expect(sessionsOf(hot, pseudonym)).toEqual([]);
    expect(sessionsOf(online, "0000002")).toHaveLength(others);

    await platform.close();
    platform = await open("2026-04-01");
    const visit = `c-after,s-after,${PERSON},2026-03-20T10:00:00Z,home,`;
    const input = join(inputs, "after.csv");
    writeFileSync(input, `click_id,session_id,customer_id,clicked_at,page,seconds\n${visit}\n`);
    expect(await refresh(platform, GROUP, "2026-03-25", [input])).toMatchObject({ status: "succeeded" });

    const [, onlineAfter, hotAfter] = await allStores();
    expect(sessionsOf(onlineAfter, PERSON).map(({ recordId }) => recordId)).toEqual(["s-after"]);
    expect(sessionsOf(hotAfter, pseudonym).map(({ recordId }) => recordId)).toEqual(["s-after"]);
  });
});

/** Where the customer is found that may not be found there: all but offline and online store and event table. */
async function leaks(): Promise<readonly string[]> {
  const { root } = platform.folder;
  const files = listFiles(root).filter((path) => /^(ledger|queue|services|redis|[a-z]+\.jsonl)/.test(path));
  expect(files.length).toBeGreaterThan(FEWEST_FILES);
  const contents = [...readFiles(root, files), ...(await readRedis(platform.services.redis.url))];
  const needles = toNeedles([PERSON]);
  return contents.flatMap(({ place, bytes }) => findLeaks(place, bytes, needles));
}

function open(clock: string): Promise<Platform> {
  return openTestPlatform(stateDir, { groups: [...GROUPS, customerSessions], clockMs: at(clock) });
}

async function rebuild(): Promise<Run> {
  const request = { group: GROUP, asOfMs: undefined, unitsPerSecond: undefined };
  return platform.settled(await startRebuild(platform.ports, request));
}

function allStores(): Promise<(readonly RecordRow[])[]> {
  const stores = ["offline", "online", "hot"] as const;
  return Promise.all(stores.map((store) => exportRows(platform, customerSessions, store)));
}

function named(identifier: string): string {
  return platform.ports.pseudonymiser.pseudonym("customer", identifier);
}

function withPseudonym(row: RecordRow): RecordRow {
  return { ...row, features: { ...row.features, customer_id: named(String(row.features.customer_id)) } };
}

function sessionsOf(rows: readonly RecordRow[] = [], customerId: string): readonly RecordRow[] {
  return rows.filter(({ features }) => features.customer_id === customerId);
}

function presentOf(features: RecordRow["features"]): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(features).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
}
