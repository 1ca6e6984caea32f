import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { redriveChunks, resumeRun } from "@steward/core";
import { customerPurchases } from "@steward/features";
import type { Platform } from "@steward/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exportRows, makeStateDir, openTestPlatform, refresh, removeStateDir } from "../support/platform.ts";

const GROUP = "customer-purchases";
const HEADER = "customer_id,date,quantity,amount";

let stateDir: string;
let platform: Platform;

beforeEach(async () => {
  stateDir = makeStateDir();
  platform = await openTestPlatform(stateDir);
});

afterEach(async () => {
  await platform.close();
  await removeStateDir(stateDir);
});

describe("a refresh that failed while it wrote", () => {
  it("holds a later run to its own values: the same as-of with other events, and an earlier one, are refused", async () => {
    await failWhileWriting();

    const others = await refresh(platform, GROUP, "1997-10-01", [
      file("more.csv", "00001,1997-09-02,1,9.00"),
    ]);
    const earlier = await refresh(platform, GROUP, "1997-09-15");

    expect(others.error).toMatchObject({
      name: "InvalidInputError",
      message: expect.stringContaining("new events"),
    });
    expect(earlier.error).toMatchObject({
      name: "InvalidInputError",
      message: expect.stringContaining("cannot go back"),
    });
  });

  it("is finished by a redrive, with every store the same", async () => {
    await failWhileWriting();

    const { runs } = await redriveChunks(platform.ports);
    const [run] = await Promise.all(runs.map((redriven) => platform.settled(redriven)));

    expect(run).toMatchObject({
      status: "succeeded",
      report: { counts: { planned: 2, written: 2, failed: 0 } },
    });
    await expectEqualStores(2);
  });

  it("is finished by a resume from its beginning, and leaves no offline row twice", async () => {
    const failed = await failWhileWriting();

    const run = await platform.settled(await resumeRun(platform.ports, failed.runId));

    expect(run).toMatchObject({ status: "succeeded", attempt: 2 });
    await expectEqualStores(2);
  });

  it("gives way to a run at a later as-of", async () => {
    const failed = await failWhileWriting();

    const later = await refresh(platform, GROUP, "1997-11-01", [file("more.csv", "00003,1997-09-02,1,9.00")]);

    expect(later.outcome).toBe("succeeded");
    await expectEqualStores(3);
    await expect(resumeRun(platform.ports, failed.runId)).rejects.toThrow(/superseded/);
  });
});

/** A refresh whose every online call is answered 500, until it has failed. */
async function failWhileWriting() {
  const input = file("purchases.csv", "00001,1997-09-01,1,5.00", "00002,1997-09-03,2,7.50");
  await setErrorRate(1);
  const run = await refresh(platform, GROUP, "1997-10-01", [input]);
  await setErrorRate(0);
  expect(run.error?.name).toBe("WriteFailedError");
  return run;
}

async function setErrorRate(errorRate: number): Promise<void> {
  const faults = { group: GROUP, throttleRate: 0, errorRate, partialBatchRate: 0, latencyMs: 0, seed: 1 };
  const reply = await fetch(new URL("/_steward/faults", platform.services.featureStore.url), {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(faults),
  });
  expect(reply.ok).toBe(true);
}

async function expectEqualStores(count: number): Promise<void> {
  const offline = await exportRows(platform, customerPurchases, "offline");
  expect(offline).toHaveLength(count);
  expect(await exportRows(platform, customerPurchases, "online")).toEqual(offline);
  expect(await exportRows(platform, customerPurchases, "hot")).toEqual(offline);
}

function file(name: string, ...rows: readonly string[]): string {
  const path = join(stateDir, name);
  writeFileSync(path, `${[HEADER, ...rows].join("\n")}\n`);
  return path;
}
