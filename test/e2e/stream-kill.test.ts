// A consumer or a replay that is killed: whoever goes on ends as if nothing had happened.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { listRuns, resumeRun } from "@steward/core";
import { customerActivity } from "@steward/features";
import { openPlatform, type Platform } from "@steward/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exportRows, makeStateDir, removeStateDir } from "../support/platform.ts";
import {
  flushOffline,
  put,
  rowsOf,
  shuffled,
  someVisits,
  takenIn,
  type Visit,
} from "../support/shop-visits.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const STORES = ["hot", "online", "offline"] as const;

let stateDir: string;
let visits: readonly Visit[];
let platform: Platform | undefined;

beforeEach(async () => {
  stateDir = makeStateDir();
  visits = shuffled(someVisits(3_000, 401, Date.now() - 3_600_000));
  const first = await open();
  await put(first.ports, visits);
  await first.close();
});

afterEach(async () => {
  await platform?.close();
  platform = undefined;
  await removeStateDir(stateDir);
});

async function open(): Promise<Platform> {
  platform = await openPlatform({ stateDir, groups: [customerActivity], offlineDelayMs: 900_000 });
  return platform;
}

/** Runs a script of test/support to its death; the signal that ended it. */
async function die(script: string, ...args: readonly string[]): Promise<string | null> {
  const node = join(ROOT, "node_modules/.bin/node");
  const child = spawn(node, [join(ROOT, "test/support", script), stateDir, ...args], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [, signal] = (await once(child, "close")) as [number | null, string | null];
  return signal;
}

async function exportAll(of: Platform) {
  await flushOffline(of);
  return Promise.all(STORES.map((store) => exportRows(of, customerActivity, store)));
}

describe("a consumer that is killed", () => {
  it.for([
    ["while half of the first page is written", "writing", "0"],
    ["with the first page written and its position not saved", "before", "0"],
    ["just after the first position is saved", "after", "0"],
    ["with the fourth page written and its position not saved", "before", "3"],
    ["just after the fourth position is saved", "after", "3"],
  ] as const)("%s is followed by one that ends as undisturbed", async ([_, when, first]) => {
    expect(await die("consume-and-die.ts", when, first)).toBe("SIGKILL");

    const next = await open();
    next.startStreams();
    const { counts } = await takenIn(next);

    expect(counts).toMatchObject({ read: 3_000, setAside: 0, overall: { planned: 3_000, failed: 0 } });
    const expected = rowsOf(visits);
    expect(await exportAll(next)).toEqual([expected, expected, expected]);
  });
});

describe("a replay that is killed", () => {
  it.for(["Replay stream", "Is all read?", "Finish run"])(
    "on entering %s ends as undisturbed once it is resumed",
    async (state) => {
      expect(await die("replay-and-die.ts", state)).toBe("SIGKILL");

      const next = await open();
      const [run] = await listRuns(next.ports.ledger);
      const resumed = await next.settled(await resumeRun(next.ports, run?.runId ?? ""));

      expect(resumed).toMatchObject({ status: "succeeded", outcome: "succeeded", error: null });
      expect(resumed.report).toMatchObject({ counts: { read: 3_000, planned: 3_000, failed: 0 } });
      const expected = rowsOf(visits);
      expect(await exportAll(next)).toEqual([expected, expected, expected]);
    },
  );
});
