import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getPlace, listOfflineFiles, listRuns, type RecordRow, resumeRun } from "@steward/core";
import { customerPurchases } from "@steward/features";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportRows, makeStateDir, openTestPlatform, refresh, removeStateDir } from "../support/platform.ts";

const NODE = "node_modules/.bin/node";
const CHILD = "test/support/refresh-and-die.ts";
const AS_OF = "1997-10-01";
const STORES = ["offline", "online", "hot"] as const;

// Entering a state lies before its effect, and after the effect of the state that comes before it.
const DEATHS = [
  { state: "Append events", servers: "alone", pauseMs: 0 },
  { state: "Commit events", servers: "redis", pauseMs: 0 },
  { state: "Compute features", servers: "alone", pauseMs: 0 },
  { state: "Check output", servers: "alone", pauseMs: 0 },
  { state: "Publish offline", servers: "redis", pauseMs: 0 },
  { state: "Enqueue chunks", servers: "alone", pauseMs: 0 },
  { state: "Await writes", servers: "redis", pauseMs: 0 },
  { state: "Await writes", servers: "alone", pauseMs: 120 },
  { state: "Commit watermark", servers: "redis", pauseMs: 0 },
  { state: "Finish run", servers: "alone", pauseMs: 0 },
] as const;

let folder: string;
let input: string;
let undisturbed: Record<(typeof STORES)[number], readonly RecordRow[]>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "steward-kill-"));
  input = join(folder, "purchases.csv");
  const lines = readFileSync("data/cdnow.csv", "utf8").split("\n").slice(0, 6_001);
  writeFileSync(input, `${lines.join("\n")}\n`);
  const state = makeStateDir();
  const platform = await openTestPlatform(state);
  await refresh(platform, "customer-purchases", AS_OF, [input]);
  undisturbed = await exportAll(platform);
  await platform.close();
  await removeStateDir(state);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("resumeRun after SIGKILL", () => {
  it.for(DEATHS)(
    "ends as if undisturbed after a death ($servers, $pauseMs ms) on entering $state",
    async ({ state, servers, pauseMs }) => {
      const stateDir = makeStateDir();
      await refreshAndDie(stateDir, state, servers, pauseMs);

      const platform = await openTestPlatform(stateDir);
      try {
        const [run] = await listRuns(platform.ports.ledger);
        const resumed = await platform.settled(await resumeRun(platform.ports, run?.runId ?? ""));

        expect(resumed).toMatchObject({ status: "succeeded", outcome: "succeeded", error: null });
        expect(await exportAll(platform)).toEqual(undisturbed);
        expect(await countOfflineRows(platform)).toBe(undisturbed.offline.length);
      } finally {
        await platform.close();
        await removeStateDir(stateDir);
      }
    },
  );
});

type Platform = Awaited<ReturnType<typeof openTestPlatform>>;

async function exportAll(platform: Platform): Promise<typeof undisturbed> {
  const [offline = [], online = [], hot = []] = [
    await exportRows(platform, customerPurchases, "offline"),
    await exportRows(platform, customerPurchases, "online"),
    await exportRows(platform, customerPurchases, "hot"),
  ];
  return { offline, online, hot };
}

/** Rows of all readable offline files: each record once, or it was published twice. */
async function countOfflineRows(platform: Platform): Promise<number> {
  const { offlinePrefix } = await getPlace(platform.ports.ledger, customerPurchases.name);
  let rows = 0;
  for (const key of await listOfflineFiles(platform.ports.objects, offlinePrefix)) {
    rows += (await platform.ports.offlineFiles.readRows(customerPurchases, key, 0, 1_000_000)).length;
  }
  return rows;
}

function refreshAndDie(stateDir: string, state: string, servers: string, pauseMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(
      NODE,
      [CHILD, stateDir, AS_OF, input, state, servers, String(pauseMs)],
      (error, _stdout, stderr) => {
        if (error?.signal === "SIGKILL") resolve();
        else reject(new Error(`the process did not die at ${state}: ${stderr}`));
      },
    );
  });
}
