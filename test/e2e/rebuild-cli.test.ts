import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getPlace, listOfflineFiles, listRuns } from "@steward/core";
import { customerPurchases } from "@steward/features";
import { openPlatform, type Platform } from "@steward/local";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { at, GROUPS, removeStateDir } from "../support/platform.ts";
import { purchasesOf, writeCsv } from "../support/purchase-files.ts";
import { exportBoth, wipeAll } from "../support/rebuilds.ts";
import { readRedis } from "../support/state-contents.ts";
import {
  type CommandPlace,
  type CommandResult,
  runSteward,
  startSteward,
  stewardJson,
} from "../support/steward-command.ts";

const GROUP = customerPurchases.name;
/** At 50 a second they take 12 s: time enough to see some chunks settled, others not. */
const CUSTOMERS = 600;
/** Commands are processes, and a busy machine starts them slowly. */
vi.setConfig({ testTimeout: 240_000 });

let folder: string;
let place: CommandPlace & { readonly state: string };
/** Keeps the servers, and looks behind the commands. */
let platform: Platform;

interface Standing {
  readonly state: string;
  readonly chunks: number;
  readonly chunksSettled: number;
}

const steward = (...args: string[]): Promise<CommandResult> => runSteward([...args, "--quiet"], place);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "steward-rebuild-"));
  place = { state: join(folder, "state") };
  platform = await openPlatform({ stateDir: place.state, groups: GROUPS });
});

afterEach(async () => {
  await platform.close();
  await removeStateDir(place.state);
  rmSync(folder, { recursive: true, force: true });
});

describe("steward rebuild of what cannot be rebuilt", () => {
  it("ends with 3 for a group that was never refreshed, with and without --plan, and makes no run", async () => {
    for (const more of [[], ["--plan"]]) {
      const { code, stdout, stderr } = await steward("rebuild", GROUP, ...more);

      expect([code, stdout]).toEqual([3, ""]);
      expect(stderr).toMatch(
        /^steward: group "customer-purchases" has never been refreshed: `steward refresh .*\n$/,
      );
    }
    expect(await listRuns(platform.ports.ledger)).toEqual([]);
  });

  it("ends with 2 for an unknown group, store or instant, and one in the future, and begins none of the others", async () => {
    await refreshed();

    for (const args of [
      [GROUP, "no-such-group"],
      [GROUP, "--target", "offline"],
      [GROUP, "--as-of", "yesterday"],
      [GROUP, "--as-of", "2999-01-01"],
    ])
      expect(await steward("rebuild", ...args)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^steward: .*\n$/),
      });
    expect(await listRuns(platform.ports.ledger)).toHaveLength(1);
  });

  it("begins none of several groups where one was never refreshed", async () => {
    await refreshed();

    expect(await steward("rebuild", GROUP, "customer-loyalty")).toMatchObject({ code: 3 });
    expect(await listRuns(platform.ports.ledger)).toHaveLength(1);
  });
});

describe("steward rebuild over a damaged offline store", () => {
  it.for([
    ["missing", (path: string) => rmSync(path)],
    ["cut", (path: string) => truncateSync(path, 2_000)],
    ["changed in one bit", (path: string) => turnBit(path)],
  ] as const)("names a file that is %s in one line, ends with 1 and writes nothing", async ([, damage]) => {
    await refreshed();
    await wipeAll(platform);
    const key = await offlineKey();
    damage(await platform.ports.objects.locate(key));

    const plan = await steward("rebuild", GROUP, "--plan");
    const run = await steward("rebuild", GROUP);

    const line = `steward: the offline file "${key}" has lost bytes, or others stand in their place: bring it back from an older version or a backup`;
    expect(plan).toEqual({ code: 1, stdout: "", stderr: `${line}\n` });
    expect(run).toMatchObject({ code: 1, stderr: expect.stringMatching(/; then `steward resume \S+`\n$/) });
    expect(run.stderr).toContain(line);
    expect(run.stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(await exportOnline()).toEqual([]);
    expect(await readRedis(platform.services.redis.url)).toEqual([]);
    expect(await platform.ports.objects.list("staging/")).toEqual([]);
  });
});

describe("steward rebuild over values that differ", () => {
  it("ends with 1 and says how many in one line, which no rebuild can mend", async () => {
    await refreshed();
    const other = { recordId: "00003", eventTimeMs: at("1997-10-01"), features: { orders_7d: 77 } };
    await wipeAll(platform);
    await platform.ports.onlineStore.write(customerPurchases, [other]);

    const { code, stdout, stderr } = await steward("rebuild", GROUP);

    expect(code).toBe(1);
    expect(stdout).toContain("Rebuilt, but with differences: customer-purchases");
    expect(stdout).toContain("Compared 600 records with the stores: 0 missing, 0 stale, 1 different.");
    expect(stderr).toMatch(
      /^steward: 1 of 600 records are not in the stores as they are offline \(online: 0 missing, 0 stale, 1 different; hot: 0 missing, 0 stale, 0 different\); `steward resume .*\n$/,
    );
    expect(stdout + stderr).not.toContain("00003");
  });
});

describe("steward rebuild, interrupted", () => {
  it("says at Ctrl-C where it stands, ends with 130, and resumes at the chunks that are open", async () => {
    await refreshed();
    const before = await exportBoth(platform, customerPurchases);
    await wipeAll(platform);
    const running = startSteward(["rebuild", GROUP, "--pace", "50", "--json"], place);
    await running.said(" records/s, ");

    running.child.kill("SIGINT");
    const { code, stdout, stderr } = await running.ended;

    const runId = /`steward resume ([^`]+)`/.exec(stderr)?.[1] ?? "";
    const line = `interrupted: run ${runId} stands at "writing to the online and the hot store" and keeps what it did, \`steward resume ${runId}\` continues it`;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toEqual({ error: { name: "Interrupted", message: line } });
    expect(stderr).toMatch(
      /customer-purchases: writing .*: \d+ of \d+ chunks, [\d,]+ records\/s, [\d.]+ m?s left\n/,
    );
    const { chunks, chunksSettled, state } = await stewardJson<Standing>(["run", runId], place);
    expect(state).toBe("interrupted");
    expect(chunksSettled).toBeGreaterThan(0);
    expect(chunksSettled).toBeLessThan(chunks);

    const resumed = await stewardJson(["resume", runId, "--pace", "100000"], place);

    expect(resumed).toMatchObject({
      runId,
      outcome: "succeeded",
      counts: { planned: CUSTOMERS, written: CUSTOMERS },
    });
    expect(await stewardJson(["run", runId], place)).toMatchObject({
      attempt: 1,
      chunks,
      chunksSettled: chunks,
    });
    expect(await exportBoth(platform, customerPurchases)).toEqual(before);
  });
});

describe("steward rebuild beside another", () => {
  it("ends with 1 and names the run that holds the lease, which a cancel ends", async () => {
    await refreshed();
    const first = startSteward(["rebuild", GROUP, "--pace", "5", "--json"], place);
    await first.said("writing to the online and the hot store");

    const second = await steward("rebuild", GROUP);
    const runId = /run (\S+) is at work/.exec(second.stderr)?.[1] ?? "";
    const cancelled = await stewardJson(["cancel", runId], place);
    const { code, stdout } = await first.ended;

    expect(second.code).toBe(1);
    expect(second.stderr).toBe(
      `steward: run ${runId} is at work on group "${GROUP}" (rebuild): wait for it, or \`steward cancel ${runId}\`\n`,
    );
    expect(cancelled).toMatchObject({ runId, workflow: "rebuild", outcome: "cancelled" });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ runId, outcome: "cancelled" });
  });
});

describe("steward rebuild of several groups", () => {
  it("rebuilds them at once and reports each", async () => {
    await refreshed();
    await steward("refresh", "customer-loyalty", "--as-of", "1997-10-01");
    await wipeAll(platform);

    const { runs } = await stewardJson<{ runs: object[] }>(["rebuild", GROUP, "customer-loyalty"], place);

    expect(runs).toMatchObject([
      { group: GROUP, outcome: "succeeded", counts: { written: CUSTOMERS } },
      { group: "customer-loyalty", outcome: "succeeded", counts: { planned: CUSTOMERS } },
    ]);
  });
});

async function refreshed(): Promise<void> {
  const input = writeCsv(folder, "purchases.csv", purchasesOf(CUSTOMERS, "1997-09-01"));
  expect(await steward("refresh", GROUP, "--input", input, "--as-of", "1997-10-01")).toMatchObject({
    code: 0,
  });
}

async function offlineKey(): Promise<string> {
  const { offlinePrefix } = await getPlace(platform.ports.ledger, GROUP);
  return (await listOfflineFiles(platform.ports.objects, offlinePrefix))[0] ?? "";
}

async function exportOnline(): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const page of platform.ports.onlineStore.list(customerPurchases)) ids.push(...page);
  return ids;
}

function turnBit(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 16;
  writeFileSync(path, bytes);
}
