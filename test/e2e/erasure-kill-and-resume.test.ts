import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { acceptErasure, type ErasureReport, findCertificate, type Run, resumeRun } from "@steward/core";
import { customerPurchases } from "@steward/features";
import { type Platform, stopServices } from "@steward/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportRows, makeStateDir, openTestPlatform, refresh, removeStateDir } from "../support/platform.ts";

const GROUP = customerPurchases.name;
const PERSON = "00004";
const SETTINGS = { workerLifeMs: 3_000, setAsideThreshold: 1 };
const STORES = ["hot", "online", "offline"] as const;

// Entering a state lies before its effect, and after the effect of the state that comes before it.
const DEATHS = [
  { state: "Suppress subjects", pauseMs: 0 },
  { state: "Erase readable", pauseMs: 0 },
  { state: "Hard delete", pauseMs: 0 },
  { state: "Erase offline", pauseMs: 0 },
  { state: "Erase offline", pauseMs: 120 },
  { state: "Erase events", pauseMs: 0 },
  { state: "Sign certificate", pauseMs: 0 },
] as const;

let folder: string;
let filled: string;
let undisturbed: Ending;

/** What a certificate must say alike, however often the erasure was killed. */
interface Ending {
  readonly outcome: string | null;
  readonly counts: ErasureReport["counts"];
  readonly found: readonly (readonly [string, string, number, number])[];
  readonly stores: readonly unknown[];
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "steward-kill-"));
  const input = join(folder, "purchases.csv");
  const lines = readFileSync("data/cdnow.csv", "utf8").split("\n").slice(0, 3_001);
  writeFileSync(input, `${lines.join("\n")}\n${PERSON},never,1,1.00\n`);
  filled = makeStateDir();
  const platform = await openTestPlatform(filled, { settings: SETTINGS });
  await refresh(platform, GROUP, "1997-10-01", [input]);
  await refresh(platform, GROUP, "1997-12-01");
  await platform.close();
  await stopServices(filled, true);
  const calm = copyState();
  const whole = await openTestPlatform(calm, { settings: SETTINGS });
  const { run } = await acceptErasure(whole.ports, { entity: "customer", identifiers: [PERSON] });
  undisturbed = await endingOf(whole, await whole.settled(run));
  await whole.close();
  await removeStateDir(calm);
}, 120_000);

afterAll(async () => {
  await removeStateDir(filled);
  rmSync(folder, { recursive: true, force: true });
});

describe("resumeRun of an erasure after SIGKILL", () => {
  it.for(DEATHS)(
    "certifies as if undisturbed after a death ($pauseMs ms) on entering $state",
    async ({ state, pauseMs }) => {
      const stateDir = copyState();
      await eraseAndDie(stateDir, state, pauseMs);

      const platform = await openTestPlatform(stateDir, { settings: SETTINGS });
      try {
        const { run: same, isNew } = await acceptErasure(platform.ports, {
          entity: "customer",
          identifiers: [PERSON],
        });
        const ended =
          same.status === "succeeded"
            ? same
            : await platform.settled(await resumeRun(platform.ports, same.runId));

        expect(isNew).toBe(false);
        expect(await endingOf(platform, ended)).toEqual(undisturbed);
      } finally {
        await platform.close();
        await removeStateDir(stateDir);
      }
    },
  );
});

async function endingOf(platform: Platform, run: Run): Promise<Ending> {
  const report = run.report as unknown as ErasureReport; // core wrote it
  const certificate = await findCertificate(platform.ports, run.runId);
  return {
    outcome: run.outcome,
    counts: report.counts,
    found: (certificate?.copies ?? []).map(({ copy, name, found, erased }) => [copy, name, found, erased]),
    stores: await Promise.all(STORES.map((store) => exportRows(platform, customerPurchases, store))),
  };
}

function copyState(): string {
  const stateDir = makeStateDir();
  cpSync(filled, stateDir, { recursive: true });
  return stateDir;
}

function eraseAndDie(stateDir: string, state: string, pauseMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(
      "node_modules/.bin/node",
      ["test/support/erase-and-die.ts", stateDir, PERSON, state, String(pauseMs)],
      (error, _stdout, stderr) => {
        if (error?.signal === "SIGKILL") resolve();
        else reject(new Error(`the process did not die at ${state}: ${stderr}`));
      },
    );
  });
}
