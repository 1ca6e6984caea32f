import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listOpenAsOfs, listRuns, resumeRun } from "@steward/core";
import { customerPurchases } from "@steward/features";
import { stopServices } from "@steward/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeStateDir, openTestPlatform, refresh, removeStateDir } from "../support/platform.ts";
import { exportBoth, reportOf, type StoreRows, suppress, wipeAll } from "../support/rebuilds.ts";

const GROUP = customerPurchases.name;
const SUPPRESSED = "00004";

// Entering a state lies before its effect, and after the effect of the state that comes before it.
const DEATHS = [
  { state: "Plan rebuild", servers: "redis", pauseMs: 0 },
  { state: "Snapshot records", servers: "alone", pauseMs: 0 },
  { state: "Enqueue chunks", servers: "alone", pauseMs: 0 },
  { state: "Await writes", servers: "redis", pauseMs: 0 },
  { state: "Await writes", servers: "alone", pauseMs: 150 },
  { state: "Verify rebuild", servers: "redis", pauseMs: 0 },
  { state: "Finish run", servers: "alone", pauseMs: 0 },
] as const;

let folder: string;
let wiped: string;
let wanted: StoreRows;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "steward-kill-"));
  const input = join(folder, "purchases.csv");
  const lines = readFileSync("data/cdnow.csv", "utf8").split("\n").slice(0, 6_001);
  writeFileSync(input, `${lines.join("\n")}\n`);
  wiped = makeStateDir();
  const platform = await openTestPlatform(wiped);
  await refresh(platform, GROUP, "1997-10-01", [input]);
  const before = await exportBoth(platform, customerPurchases);
  await suppress(platform, "customer", SUPPRESSED);
  await wipeAll(platform);
  await platform.close();
  await stopServices(wiped, true);
  const isAllowed = ({ recordId }: { readonly recordId: string }): boolean => recordId !== SUPPRESSED;
  wanted = { online: before.online.filter(isAllowed), hot: before.hot.filter(isAllowed) };
  expect(wanted.hot).toHaveLength(before.hot.length - 1);
});

afterAll(async () => {
  await removeStateDir(wiped);
  rmSync(folder, { recursive: true, force: true });
});

describe("resumeRun of a rebuild after SIGKILL", () => {
  it.for(DEATHS)(
    "ends as if undisturbed after a death ($servers, $pauseMs ms) on entering $state",
    async ({ state, servers, pauseMs }) => {
      const stateDir = makeStateDir();
      cpSync(wiped, stateDir, { recursive: true });
      await rebuildAndDie(stateDir, state, servers, pauseMs);

      const platform = await openTestPlatform(stateDir);
      try {
        const run = (await listRuns(platform.ports.ledger)).at(-1);
        const resumed = await platform.settled(await resumeRun(platform.ports, run?.runId ?? ""));

        expect(resumed).toMatchObject({ workflow: "rebuild", status: "succeeded", attempt: 1, error: null });
        expect(reportOf(resumed)).toMatchObject({
          counts: { planned: wanted.hot.length, written: wanted.hot.length, failed: 0 },
          verify: { compared: wanted.hot.length, missing: 0, stale: 0, different: 0 },
        });
        expect(await exportBoth(platform, customerPurchases)).toEqual(wanted);
        expect(await platform.ports.objects.list("staging/")).toEqual([]);
        expect(await listOpenAsOfs(platform.ports.ledger, "customer")).toEqual([]);
      } finally {
        await platform.close();
        await removeStateDir(stateDir);
      }
    },
  );
});

function rebuildAndDie(stateDir: string, state: string, servers: string, pauseMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(
      "node_modules/.bin/node",
      ["test/support/rebuild-and-die.ts", stateDir, GROUP, state, servers, String(pauseMs)],
      (error, _stdout, stderr) => {
        if (error?.signal === "SIGKILL") resolve();
        else reject(new Error(`the process did not die at ${state}: ${stderr}`));
      },
    );
  });
}
