// `steward freshness` as a person sees it: a table, a document, and by its end whether all is fresh.

import { customerLoyalty } from "@steward/features";
import type { Platform } from "@steward/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { at, makeStateDir, openTestPlatform, refresh, removeStateDir } from "../support/platform.ts";
import { purchasesOf, writeCsv } from "../support/purchase-files.ts";
import { runSteward, startSteward, stewardJson } from "../support/steward-command.ts";

const GROUP = "customer-loyalty";

let state: string;
let platform: Platform;

beforeAll(async () => {
  state = makeStateDir();
  platform = await openTestPlatform(state, { groups: [customerLoyalty], clockMs: at("1997-10-02") });
  await refresh(platform, GROUP, "1997-10-02", [writeCsv(state, "all.csv", purchasesOf(40, "1997-10-01"))]);
}, 60_000);

afterAll(async () => {
  await platform.close();
  await removeStateDir(state);
});

describe("steward freshness", () => {
  it("lists the sides of a group with age, objective and state, and ends well while all is fresh", async () => {
    const { code, stdout } = await runSteward(["freshness", GROUP], { state });

    expect(code).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/GROUP +SIDE +AGE +OBJECTIVE +STATE +PARTITION/);
    expect(lines.slice(1).map((line) => line.split(/ {2,}/).slice(1, 5))).toEqual([
      ["offline", "1 day", "2 days", "fresh"],
      ["online", "1 day", "2 days", "fresh"],
      ["hot", "1 day", "2 days", "fresh"],
    ]);
  });

  it("gives the same as one document", async () => {
    const { groups } = await stewardJson<{ groups: readonly unknown[] }>(["freshness", GROUP], { state });

    const side = { ageMs: 86_400_000, isLate: false, reason: null, differences: 0 };
    expect(groups).toEqual([
      {
        group: GROUP,
        objectiveMs: 2 * 86_400_000,
        measuredAt: "1997-10-02T00:00:00.000Z",
        isFresh: true,
        worstPartition: null,
        consumedUntil: "1997-10-01T00:00:00.000Z",
        sides: {
          offline: { ...side, sampled: 0 },
          online: { ...side, sampled: 40 },
          hot: { ...side, sampled: 40 },
        },
      },
    ]);
  });

  it("ends with 1 where a group is late, and says why", async () => {
    const { code, stdout } = await runSteward(["freshness"], { state });

    expect(code).toBe(1);
    expect(stdout).toMatch(/product-views +offline +- .*late.*no event was ever consumed/);
  });

  it("measures again and again until it is interrupted", async () => {
    const watching = startSteward(["freshness", GROUP, "--watch", "--json", "--quiet"], { state });
    let text = "";
    watching.child.stdout?.on("data", (part: string) => {
      text += part;
    });
    await expect.poll(() => text.split("\n").length, { timeout: 20_000 }).toBeGreaterThan(2);
    watching.child.kill("SIGINT");

    const { code } = await watching.ended;

    expect(code).toBe(0);
    expect(
      text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).groups[0].group),
    ).toContain(GROUP);
  });

  it("refuses a group that nobody declared", async () => {
    const { code, stderr } = await runSteward(["freshness", "nobody"], { state });

    expect(code).toBe(2);
    expect(stderr).toContain('there is no feature group "nobody"');
  });
});
