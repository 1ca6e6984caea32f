import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeStateDir } from "../support/platform.ts";
import { type CommandPlace, runSteward, startSteward, stewardJson } from "../support/steward-command.ts";

const GROUP = "customer-purchases";
const HEADER = "customer_id,date,quantity,amount";

let folder: string;
let place: CommandPlace & { readonly state: string };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "steward-interrupt-"));
  place = { state: join(folder, "state") };
});

afterAll(async () => {
  await removeStateDir(place.state);
  rmSync(folder, { recursive: true, force: true });
});

describe("steward refresh, interrupted", () => {
  // 2,000 records at 1,000/s: a second or two in which the run stands in the middle of its writes.
  const customers = Array.from(
    { length: 2_000 },
    (_, index) => `9${String(index).padStart(4, "0")},1997-09-01,1,2.00`,
  );
  let runId: string;

  it("says at Ctrl-C where the run stands and how to go on, and ends with 130", async () => {
    const path = join(folder, "many.csv");
    writeFileSync(path, `${[HEADER, ...customers].join("\n")}\n`);
    const args = ["refresh", GROUP, "--input", path, "--as-of", "1997-11-01", "--pace", "1000", "--json"];
    const running = startSteward(args, place);
    await running.said(": planning\n");
    await running.said("writing to the online and the hot store");

    running.child.kill("SIGINT");
    const { code, stdout, stderr } = await running.ended;

    runId = /`steward resume ([^`]+)`/.exec(stderr)?.[1] ?? "";
    const line = `interrupted: run ${runId} stands at "writing to the online and the hot store" and keeps what it did, \`steward resume ${runId}\` continues it`;
    expect(code).toBe(130);
    expect(stderr).toContain(`\nsteward: ${line}\n`);
    expect(JSON.parse(stdout)).toEqual({ error: { name: "Interrupted", message: line } });
  });

  it("shows the run as interrupted, and resumes it to its end", async () => {
    const runs = await stewardJson(["runs"], place);
    const status = await stewardJson(["status"], place);

    const resumed = await stewardJson(["resume", runId], place);

    expect(runs).toMatchObject([{ runId, state: "interrupted", outcome: null }]);
    expect(status).toMatchObject({ up: false, runs: { interrupted: 1 } });
    expect(resumed).toMatchObject({
      runId,
      outcome: "succeeded",
      counts: { planned: 2_000, written: 2_000 },
    });
    const run = await stewardJson<{ chunks: number; chunksSettled: number }>(["run", runId], place);
    expect(run).toMatchObject({ runId, state: "succeeded", attempt: 1, counts: { written: 2_000 } });
    expect(run.chunksSettled).toBe(run.chunks);
    expect(await runSteward(["resume", runId], place)).toMatchObject({ code: 2 });
  });

  it("ends at once at the second Ctrl-C; the run can be cancelled and taken up again", async () => {
    const running = startSteward(["refresh", GROUP, "--as-of", "1997-11-02", "--pace", "20"], place);
    await running.said("writing to the online and the hot store");
    running.child.kill("SIGINT");
    await running.said("Ctrl-C again ends at once");

    running.child.kill("SIGINT");
    const { code, stderr } = await running.ended;
    const id = /`steward resume ([^`]+)`/.exec(stderr)?.[1] ?? "";
    const cancelled = await stewardJson(["cancel", id], place);
    const again = await runSteward(["cancel", id], place);
    const resumed = await stewardJson(["resume", id, "--pace", "100000"], place);

    expect(code).toBe(130);
    expect(cancelled).toMatchObject({ runId: id, outcome: "cancelled" });
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining("is cancelled") });
    expect(resumed).toMatchObject({ runId: id, outcome: "succeeded", counts: { planned: 2_000 } });
  });
});

describe("steward refresh beside another", () => {
  it("ends with 1 while another run holds the group, and names it", async () => {
    const first = startSteward(["refresh", GROUP, "--as-of", "1997-12-01", "--pace", "20"], place);
    await first.said("writing to the online and the hot store");

    const second = await runSteward(["refresh", GROUP, "--as-of", "1997-12-02", "--quiet"], place);
    const down = await runSteward(["down"], place);

    first.child.kill("SIGKILL");
    await first.ended;
    expect(second).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^steward: run .* is at work on group "customer-purchases" .*\n$/),
    });
    expect(down).toMatchObject({ code: 1, stderr: expect.stringContaining("uses this state folder") });
  });

  it("takes the group once the other was killed", async () => {
    const report = await stewardJson(["refresh", GROUP, "--as-of", "1997-12-02"], place);

    expect(report).toMatchObject({ outcome: "succeeded", counts: { planned: 2_000 } });
  });
});
