// Decides: what the command promises: flags, exit codes, signals, and that no acknowledged write is lost by a kill.
// Leaves to others: the operations.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BatchWriteRecordCommand,
  ListRecordsCommand,
  paginateListRecords,
} from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { killHard, type RunningCommand, runCommand, startCommand } from "./process.ts";
import {
  admin,
  anOrder,
  connect,
  createOrders,
  createOrdersWithOffline,
  putOrder,
  type Setup,
  startSetup,
} from "./setup.ts";

let stateDir: string;
let running: RunningCommand | undefined;
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "feature-store-"));
});
afterEach(async () => {
  if (running !== undefined) await killHard(running);
  running = undefined;
  await rm(stateDir, { recursive: true });
});

async function start(): Promise<Pick<Setup, "url" | "runtime" | "control">> {
  running = await startCommand(stateDir);
  return { url: running.url, ...connect(running.url) };
}

async function listAll(setup: Pick<Setup, "runtime">): Promise<Set<string>> {
  const found = new Set<string>();
  for await (const page of paginateListRecords({ client: setup.runtime }, { FeatureGroupName: "orders" })) {
    for (const recordId of page.RecordIdentifiers ?? []) found.add(recordId);
  }
  return found;
}

/** Four writers at a time until the emulator is killed. Returns what was acknowledged. */
async function writeUntilKilled(
  setup: Pick<Setup, "runtime">,
  prefix: string,
  killAfterMs: number,
): Promise<string[]> {
  const acknowledged: string[] = [];
  let next = 0;
  const write = async (): Promise<void> => {
    for (;;) {
      const ids = Array.from({ length: 25 }, () => `${prefix}-${next++}`);
      const Entries = ids.map((customer_id) => ({
        FeatureGroupName: "orders",
        Record: anOrder({ customer_id }),
      }));
      await setup.runtime.send(new BatchWriteRecordCommand({ Entries }));
      acknowledged.push(...ids);
    }
  };
  const writers = Promise.allSettled([write(), write(), write(), write()]);
  await new Promise((resolve) => setTimeout(resolve, killAfterMs));
  if (running !== undefined) await killHard(running);
  await writers;
  return acknowledged;
}

describe("steward-feature-store", () => {
  it("keeps every acknowledged record through three SIGKILLs in the middle of writing", async () => {
    let setup = await start();
    await createOrdersWithOffline(setup);

    const acknowledged: string[] = [];
    for (const [round, killAfterMs] of [150, 230, 310].entries()) {
      acknowledged.push(...(await writeUntilKilled(setup, `r${round}`, killAfterMs)));
      setup = await start();
    }

    const found = await listAll(setup);
    expect(acknowledged.length).toBeGreaterThan(100);
    expect(acknowledged.filter((recordId) => !found.has(recordId))).toEqual([]);
  });

  it("keeps its clock through a SIGKILL", async () => {
    await admin(await start(), "PUT", "clock", { nowMs: 1_714_557_600_000 });
    if (running !== undefined) await killHard(running);

    expect(await admin(await start(), "GET", "clock")).toEqual({ nowMs: 1_714_557_600_000, fixed: true });
  });

  it("ends with 0 on SIGTERM, frees its folder and says where it is", async () => {
    const setup = await start();
    const health = await admin(setup, "GET", "health");

    running?.child.kill("SIGTERM");
    const result = await running?.ended;
    const next = await start();

    expect(health).toMatchObject({ ok: true, stateDir, pid: expect.any(Number) });
    expect(result).toEqual({ code: 0, stdout: `Feature Store is ready at ${setup.url}\n`, stderr: "" });
    expect(await admin(next, "GET", "health")).toMatchObject({ ok: true });
  });

  it("shares its state with the library", async () => {
    const library = await startSetup({ state: stateDir });
    await createOrders(library);
    await putOrder(library);
    await library.close();

    const setup = await start();

    const listed = await setup.runtime.send(new ListRecordsCommand({ FeatureGroupName: "orders" }));
    expect(listed.RecordIdentifiers).toEqual(["c-1"]);
  });

  it.each([
    ["--port", "abc"],
    ["--port", "65536"],
    ["--bogus"],
    ["extra"],
    ["--account", "1"],
    ["--equal-event-time", "never"],
  ])("exits with 2 and one plain line for %s %s", async (...args) => {
    const result = await runCommand(args);

    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(result.stderr).toMatch(/^error: .+\n$/);
  });

  it("exits with 1 and one plain line when the port is taken or the folder held", async () => {
    const { url } = await start();

    const port = await runCommand(["--port", new URL(url).port, "--state", ":memory:"]);
    const folder = await runCommand(["--port", "0", "--state", stateDir]);

    expect(port).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^[^\n]*port \d+ is taken[^\n]*\n$/),
    });
    expect(folder).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^[^\n]*another emulator holds[^\n]*\n$/),
    });
  });

  it("explains itself", async () => {
    const result = await runCommand(["--help"]);

    expect(result.code).toBe(0);
    expect(result.stdout).toContain("--state");
  });
});
