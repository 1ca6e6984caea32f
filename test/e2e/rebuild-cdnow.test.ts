import { hash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPlatform, type Platform } from "@steward/local";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { GROUPS, removeStateDir } from "../support/platform.ts";
import { listFiles, readFiles, readRedis, readSqliteRows } from "../support/state-contents.ts";
import { type CommandResult, runSteward, stewardJson } from "../support/steward-command.ts";

/** Deleting 23,570 records one by one takes 8 s on a machine left alone, and far longer on a busy one. */
vi.setConfig({ testTimeout: 240_000 });

const GROUP = "customer-purchases";
const RECORDS = 23_570;
const EMPTY = { online: "", hot: "" };

let folder: string;
let state: string;
let platform: Platform;
let before: Record<"online" | "hot", string>;

const steward = (...args: string[]): Promise<CommandResult> => runSteward(args, { state });
const exportOf = async (store: string): Promise<string> =>
  (await steward("export", GROUP, "--store", store, "--quiet")).stdout;
const exportBoth = async () => ({ online: await exportOf("online"), hot: await exportOf("hot") });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "steward-cdnow-"));
  state = join(folder, "state");
  platform = await openPlatform({ stateDir: state, groups: GROUPS }); // which only keeps the servers
  const refreshed = await steward("refresh", GROUP, "--input", "data/cdnow.csv", "--as-of", "1997-10-01");
  expect(refreshed.code).toBe(0);
  before = await exportBoth();
}, 240_000);

afterAll(async () => {
  await platform.close();
  await removeStateDir(state);
  rmSync(folder, { recursive: true, force: true });
});

describe("steward rebuild --plan", () => {
  it("says records, chunks, time and dollars, and writes nothing", async () => {
    const kept = new Set(await everythingKept());

    const { code, stdout } = await steward("rebuild", GROUP, "--plan", "--pace", "1000");

    expect(code).toBe(0);
    expect(stdout).toMatch(
      new RegExp(
        [
          `^A rebuild of ${GROUP} as of .* would write the online store and the hot store:`,
          "  23,570 records \\([\\d,]+ bytes\\) from 1 offline file, in 95 chunks",
          "  about 24\\.0 s, at 1,000 write units a second",
          "  about \\$0\\.\\d\\d in an account .*; unconfirmed prices: .*",
          "Nothing was written\\.",
        ].join("\\n"),
      ),
    );
    const keptNow = await everythingKept();
    expect(keptNow.filter((content) => !kept.has(content))).toEqual([]);
    expect(new Set(keptNow).size).toBe(kept.size);
  });

  it("says the same as one JSON document, each cost with its source", async () => {
    const plan = await stewardJson(["rebuild", GROUP, "--plan", "--target", "hot"], { state });

    expect(plan).toMatchObject({
      group: GROUP,
      targets: ["hot"],
      files: 1,
      records: RECORDS,
      chunks: 6,
      pace: null,
      seconds: expect.any(Number),
      dollars: expect.any(Number),
    });
    for (const cost of (plan as { costs: object[] }).costs)
      expect(cost).toMatchObject({
        item: expect.any(String),
        confidence: expect.any(String),
        source: expect.any(String),
      });
  });
});

describe("steward wipe, then steward rebuild", () => {
  it("asks for --yes where nobody can be asked, and then removes nothing", async () => {
    const refused = await steward("wipe", "--store", "hot");

    expect(refused).toMatchObject({
      code: 2,
      stderr: "steward: this removes all that is in the hot store: say --yes\n",
    });
    expect((await everythingKept()).length).toBeGreaterThan(RECORDS);
  });

  it("loses both stores", async () => {
    const hot = await steward("wipe", "--store", "hot", "--yes");
    const online = await stewardJson(["wipe", "--store", "online", "--yes"], { state });

    expect(hot.stdout).toMatch(/^Removed 2[\d,]+ keys from the hot store\.\n$/); // values, and a guard a tag
    expect(online).toEqual({ store: "online", removed: RECORDS });
    expect(await exportBoth()).toEqual(EMPTY);
  });

  it("brings all 23,570 records back, to the byte, counts balanced and compare clean", async () => {
    const report = await stewardJson(["rebuild", GROUP], { state });

    const all = { planned: RECORDS, written: RECORDS, newerKept: 0, suppressed: 0, expired: 0, failed: 0 };
    expect(report).toMatchObject({
      workflow: "rebuild",
      group: GROUP,
      outcome: "succeeded",
      counts: { ...all, read: RECORDS, stores: { online: all, hot: all } },
      verify: { compared: RECORDS, missing: 0, stale: 0, different: 0 },
    });
    expect(await exportBoth()).toEqual(before);
    expect(before.hot.split("\n")).toHaveLength(RECORDS + 1);
  });

  it("says so in words the second time, with nothing changed", async () => {
    const { code, stdout, stderr } = await steward("rebuild", GROUP, "--target", "hot");

    expect(code).toBe(0);
    expect(stdout).toMatch(/^Rebuilt customer-purchases as of .*\nRead 23,570 rows of the offline store\.\n/);
    expect(stdout).toContain("23,570 records planned, in 6 chunks:\n  hot      23,570 written\n");
    expect(stdout).toContain("Compared 23,570 records with the stores: all as they are offline, or newer.\n");
    for (const words of [
      "planning",
      "taking the latest records",
      "writing to the hot store",
      "comparing the stores",
    ])
      expect(stderr).toContain(`${GROUP}: ${words}`);
    expect(await exportOf("hot")).toBe(before.hot);
  });
});

/** Objects, ledger, queue, Redis and the online store, by their content. */
async function everythingKept(): Promise<readonly string[]> {
  const files = listFiles(state).filter((path) => /^objects\/(?!index)/.test(path));
  const databases = listFiles(state).filter((path) =>
    /^(ledger|queue|objects\/index|feature-store\/.*)\.sqlite$/.test(path),
  );
  const contents = [
    ...readFiles(state, files),
    ...databases.flatMap((path) => readSqliteRows(state, path)),
    ...(await readRedis(platform.services.redis.url)),
  ];
  return contents.map(({ place, bytes }) => `${place}: ${hash("sha256", bytes)}`);
}
