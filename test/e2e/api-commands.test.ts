// Commands beside a platform that is up: it does their work, they follow it, and nothing comes to harm when several ask at once.

import { join } from "node:path";
import type { RunReport } from "@steward/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeStateDir, removeStateDir } from "../support/platform.ts";
import { type RunningCommand, runSteward, startSteward, stewardJson } from "../support/steward-command.ts";

const CDNOW = join(import.meta.dirname, "../../data/cdnow.csv");
const GROUP = "customer-purchases";
const REFRESH = ["refresh", GROUP, "--input", CDNOW, "--as-of", "1997-10-01"];

let state: string;
let up: RunningCommand;

beforeEach(async () => {
  state = makeStateDir();
  up = startSteward(["up"], { state });
  await up.said("Steward is up");
});

afterEach(async () => {
  await endUp();
  await removeStateDir(state);
});

async function endUp(): Promise<void> {
  up.child.kill("SIGTERM");
  await up.ended;
}

describe("steward, beside a platform that is up", () => {
  it("refreshes, rebuilds and erases there, with the documents that it prints without", async () => {
    const refreshed = await runSteward([...REFRESH, "--json"], { state });
    const rebuilt = await runSteward(["rebuild", GROUP, "--json"], { state });
    const erased = await runSteward(["erase", "customer", "00008", "--yes", "--json"], { state });

    for (const { code, stderr } of [refreshed, rebuilt, erased]) {
      expect(code).toBe(0);
      expect(stderr).toContain("is done by the platform that is up");
    }
    expect(JSON.parse(refreshed.stdout)).toMatchObject({
      workflow: "refresh",
      group: GROUP,
      outcome: "succeeded",
      counts: { planned: 23_570 },
    });
    expect(JSON.parse(rebuilt.stdout)).toMatchObject({ workflow: "rebuild", outcome: "succeeded" });
    const { certificate, publicKey } = JSON.parse(erased.stdout) as Record<string, string>;
    const verified = await runSteward(
      ["certificate", "verify", certificate ?? "", "--key", publicKey ?? ""],
      { state },
    );
    expect(verified.code).toBe(0);
  });

  it("says that the run goes on when the command is interrupted, and cancels it by another", async () => {
    const command = startSteward([...REFRESH, "--pace", "1000"], { state });
    await command.said("chunks");
    command.child.kill("SIGINT");
    const { code, stderr } = await command.ended;

    expect(code).toBe(130);
    expect(stderr).toContain("goes on in the platform that is up");
    const runs = await stewardJson<{ runId: string; state: string }[]>(["runs"], { state });
    expect(runs.map((run) => run.state)).toEqual(["running"]);
    const report = await stewardJson<RunReport>(["cancel", runs[0]?.runId ?? ""], { state });
    expect(report.outcome).toBe("cancelled");
  });

  it("says how far the run came when the platform is killed in the middle, and resumes it", async () => {
    const command = startSteward([...REFRESH, "--pace", "5000"], { state });
    await command.said("chunks");
    up.child.kill("SIGKILL");
    const { code, stderr } = await command.ended;

    expect(code).toBe(1);
    const runId = /`steward resume (\S+)`/.exec(stderr)?.[1] ?? "";
    expect((await stewardJson<RunReport>(["resume", runId], { state })).outcome).toBe("succeeded");
  });

  it("takes up an erasure that a killed platform left lying, asked again with the same key", async () => {
    const erase = ["erase", "customer", "00008", "--yes", "--key", "leaver-7"];
    const command = startSteward(erase, { state });
    await command.said("is done by the platform that is up");
    up.child.kill("SIGKILL");
    expect((await command.ended).code).toBe(1);
    up = startSteward(["up"], { state });
    await up.said("Ctrl-C");

    const { code, stdout } = await runSteward([...erase, "--json"], { state });

    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { certificate: string }).certificate).toContain("certificate");
  });

  it("lets one of two commands that ask for one group at once do it, and both leave the platform in order", async () => {
    const both = await Promise.all([runSteward(REFRESH, { state }), runSteward(REFRESH, { state })]);
    const codes = both.map(({ code }) => code);

    expect(codes).toContain(0);
    for (const { code, stderr } of both) if (code !== 0) expect(stderr).toMatch(/hold|at work|lease/);
    expect((await stewardJson<RunReport>(REFRESH, { state })).outcome).toBe("unchanged");
  });

  it("does the work itself where its own clock is wanted", async () => {
    const { code, stderr } = await runSteward([...REFRESH, "--clock", "2026-12-24"], { state });

    expect(code).toBe(0);
    expect(stderr).not.toContain("is done by the platform that is up");
  });
});
