import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FeatureGroup, RecordRow } from "@steward/core";
import {
  customerActivity,
  customerLoyalty,
  customerPurchases,
  customerSessions,
  productViews,
} from "@steward/features";
import { openPlatform, type Platform } from "@steward/local";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { orderFaults } from "../support/faults.ts";
import { makeCanaries } from "../support/leak-search.ts";
import { exportRows, makeStateDir, refresh, removeStateDir } from "../support/platform.ts";
import { findInState } from "../support/state-search.ts";
import { type CommandResult, runSteward } from "../support/steward-command.ts";

const GROUP = customerPurchases.name;
const STREAM = customerActivity.name;
const SESSIONS = customerSessions.name;
const GROUPS = [customerActivity, customerLoyalty, customerPurchases, customerSessions, productViews];
const STORES = ["offline", "online", "hot"] as const;
const ROWS = readFileSync("data/cdnow.csv", "utf8").trimEnd().split("\n");
/** Stands for customer 00042: 16 letters that no other value holds, so that bytes can be searched. */
const [PERSON = ""] = makeCanaries(1, 42);
const CLICKS = [
  "click_id,session_id,customer_id,clicked_at,page,seconds",
  `c1,s1,${PERSON},1998-06-01T08:00:00Z,home,3`,
  "c2,s2,00001,1998-06-01T09:00:00Z,help,4",
];
/** The stream keeps what it was given for its retention; the certificate says until when. */
const STREAM_FILE = /^stream\.sqlite/;

let folder: string;
let state: string;
let platform: Platform;
let otherState: string;
let other: Platform;
let runId: string;
let certificate: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "steward-forgotten-"));
  state = makeStateDir();
  platform = await openPlatform({ stateDir: state, groups: GROUPS });
  otherState = makeStateDir();
  other = await openPlatform({ stateDir: otherState, groups: GROUPS });
  other.startWorkers();
  const withPerson = ROWS.map((row) => row.replace(/^00042,/, `${PERSON},`));
  const without = ROWS.filter((row) => !row.startsWith("00042,"));
  await refresh(other, GROUP, "1998-07-01", [write("without.csv", without)]);
  const bad = [`${PERSON},1997-02-30,1,5.00`, "00001,1997-02-30,1,5.00"];
  const first = await steward(
    "refresh",
    GROUP,
    "--input",
    write("with.csv", [...withPerson, ...bad]),
    "--as-of",
    "1997-10-01",
    "--json",
  );
  runId = (JSON.parse(first.stdout) as { runId: string }).runId;
  const seen = (id: string, page: string): string =>
    JSON.stringify({ customer_id: id, seen_at: "1998-06-01T08:00:00Z", page });
  await steward(
    "put",
    STREAM,
    "--file",
    write("activity.jsonl", [seen(PERSON, "home"), seen("00001", "help")]),
  );
  await orderFaults(platform, { errorRate: 1 });
  const failed = await steward(
    "refresh",
    SESSIONS,
    "--input",
    write("clicks.csv", CLICKS),
    "--as-of",
    "1998-07-01",
  );
  await orderFaults(platform);
  if (first.code !== 0 || failed.code !== 1) throw new Error(`set-up: ${first.stderr}${failed.stderr}`);
}, 240_000);

afterAll(async () => {
  await platform.close();
  await other.close();
  await removeStateDir(state);
  await removeStateDir(otherState);
  rmSync(folder, { recursive: true, force: true });
});

describe("a customer who was erased", { timeout: 240_000 }, () => {
  it("was in every copy before", async () => {
    const places = (await findInState(platform, PERSON)).join("\n");

    for (const place of [
      "objects/events/",
      "set-aside",
      "objects/offline/",
      "objects/staging/",
      "feature-store",
      "stream.sqlite",
    ])
      expect(places).toContain(place);
    expect(await storesThatHold(PERSON)).toEqual([...STORES]);
  });

  it("is in no copy once the certificate is signed: no store, version, log, free page, queue or ledger item", async () => {
    const erased = await steward("erase", "customer", PERSON, "--yes", "--json");

    expect(erased.stderr).not.toContain(PERSON);
    expect(erased.code).toBe(0);
    const said = JSON.parse(erased.stdout) as { certificate: string; publicKey: string };
    certificate = said.certificate;
    const verified = await steward("certificate", "verify", said.certificate, "--key", said.publicKey);
    expect(verified.code).toBe(0);
    expect(await copies()).toEqual([]);
  });

  it("stays away from refresh, redrive, set-aside rows, rebuild, replay and the loss of both online sides", async () => {
    const ends = [
      await steward("redrive"),
      await steward("set-aside", runId, "--replay"),
      await steward("refresh", GROUP, "--as-of", "1998-07-01"),
      await steward("rebuild", GROUP),
      await steward("replay", STREAM, "--from", "oldest"),
      await flushAll(),
      await steward("wipe", "--store", "online", "--yes"),
      await steward("rebuild", GROUP),
      await steward("rebuild", STREAM),
      await steward("rebuild", SESSIONS),
    ];

    expect(ends.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual(ends.map(() => 0));
    expect(await copies()).toEqual([]);
    for (const store of STORES) {
      expect(await idsOf(customerActivity, store)).toEqual(["00001"]);
      expect(await idsOf(customerSessions, store)).toEqual(["s2"]);
    }
  });

  it("leaves the other 23,569 as they are where the customer never was", async () => {
    for (const store of STORES) {
      const rows = await byId(platform, store);
      expect(rows).toHaveLength(23_569);
      expect(rows).toEqual(await byId(other, store));
    }
  });

  it("comes back with what was bought after the erasure, and with that alone", async () => {
    const later = ["--clock", "2031-01-01T00:00:00Z"];
    const input = write("later.csv", [ROWS[0] ?? "", `${PERSON},2030-12-24,2,7.50`]);
    const refreshed = await steward("refresh", GROUP, "--input", input, ...later);

    expect(refreshed.code).toBe(0);
    for (const store of STORES) {
      const row = (await byId(platform, store)).find(({ recordId }) => recordId === PERSON);
      expect(row?.features).toMatchObject({
        orders_90d: 1,
        spend_90d: 7.5,
        items_90d: 2,
        last_ordered_at: "2030-12-24T00:00:00.000Z",
      });
    }
    expect((await byId(platform, "hot")).length).toBe(23_570);
  });

  it("is not named by the certificate", () => {
    expect(readFileSync(certificate, "utf8")).not.toContain(PERSON);
  });
});

/** Places that hold the customer, the stream's retention apart. */
async function copies(): Promise<readonly string[]> {
  return (await findInState(platform, PERSON)).filter((place) => !STREAM_FILE.test(place));
}

async function storesThatHold(id: string): Promise<readonly string[]> {
  const held = await Promise.all(
    STORES.map(async (store) => (await idsOf(customerPurchases, store)).includes(id)),
  );
  return STORES.filter((_, index) => held[index]);
}

async function idsOf(group: FeatureGroup, store: (typeof STORES)[number]): Promise<readonly string[]> {
  return (await exportRows(platform, group, store)).map(({ recordId }) => recordId).sort();
}

async function byId(from: Platform, store: (typeof STORES)[number]): Promise<readonly RecordRow[]> {
  const rows = await exportRows(from, customerPurchases, store);
  return [...rows].sort((left, right) => (left.recordId < right.recordId ? -1 : 1));
}

async function flushAll(): Promise<CommandResult> {
  const redis = new Redis(platform.services.redis.url);
  await redis.flushall();
  redis.disconnect();
  return { code: 0, stdout: "", stderr: "" };
}

function steward(...args: string[]): Promise<CommandResult> {
  return runSteward(args, { state });
}

function write(name: string, rows: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${rows.join("\n")}\n`);
  return path;
}
