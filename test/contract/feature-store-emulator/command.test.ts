// Decides: what the command promises: flags, exit codes, signals.
// Leaves to others: the operations, and a kill in the middle of writing (kill.test.ts).
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListRecordsCommand } from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { killHard, type RunningCommand, runCommand, startCommand } from "./process.ts";
import { admin, connect, createOrders, putOrder, type Setup, startSetup } from "./setup.ts";

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

describe("steward-feature-store", () => {
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
