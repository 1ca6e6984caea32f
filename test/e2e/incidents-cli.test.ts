// Incidents as a person sees them, and that no identifier gets into what is kept or said of them.

import { startRefresh } from "@steward/core";
import { customerLoyalty } from "@steward/features";
import type { Platform } from "@steward/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { advance, pagesOf, setAlarms, theIncident, untilStatus } from "../support/incidents.ts";
import { findLeaks, makeCanaries, toNeedles } from "../support/leak-search.ts";
import { at, makeStateDir, openTestPlatform, refresh, removeStateDir } from "../support/platform.ts";
import { writeCsv } from "../support/purchase-files.ts";
import { listFiles, readFiles, readSqliteRows } from "../support/state-contents.ts";
import { type CommandResult, runSteward, stewardJson } from "../support/steward-command.ts";

const GROUP = "customer-loyalty";
const LATE = { name: `freshness-${GROUP}-offline`, group: GROUP };
const DIFFERENT = { name: `difference-${GROUP}-hot`, group: GROUP };
const CANARIES = makeCanaries(8, 20_261_125);
const DAY_MS = 24 * 3_600_000;

let state: string;
let platform: Platform;
let incidentId: string;
let none: CommandResult;
const printed: string[] = [];

const steward = async (...args: readonly string[]): Promise<CommandResult> => {
  const result = await runSteward(args, { state });
  printed.push(result.stdout, result.stderr);
  return result;
};

beforeAll(async () => {
  state = makeStateDir();
  none = await steward("incidents");
  platform = await openTestPlatform(state, { groups: [customerLoyalty], clockMs: at("1997-10-02") });
  const rows = CANARIES.map((canary) => `${canary},1997-10-01,1,5.00`);
  await refresh(platform, GROUP, "1997-10-02", [writeCsv(state, "good.csv", rows)]);
  await advance(platform, 3 * DAY_MS);
  const bad = CANARIES.map((canary) => `${canary},${canary},1,5.00`);
  const inputs = [writeCsv(state, "bad.csv", bad)];
  await platform.settled(await startRefresh(platform.ports, { group: GROUP, asOfMs: undefined, inputs }));
  await platform.wipe("hot");
  await setAlarms(platform, "alarm", [DIFFERENT, LATE]);
  incidentId = (await theIncident(platform)).incidentId;
  await untilStatus(platform, incidentId, "confirming");
  await advance(platform, 3_600_000);
  await untilStatus(platform, incidentId, "paged");
}, 60_000);

afterAll(async () => {
  await platform.close();
  await removeStateDir(state);
});

describe("steward incidents", () => {
  it("says that there is none where nothing ever ran", () => {
    expect(none).toMatchObject({ code: 0, stdout: expect.stringContaining("No incident is open") });
  });

  it("lists what is open, with group, diagnosis and last remedy", async () => {
    const { code, stdout } = await steward("incidents");

    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`${incidentId} +${GROUP} +paged +run-failed +rebuild`));
  });

  it("shows one with every decision and its reason", async () => {
    const { stdout } = await steward("incidents", incidentId);

    expect(stdout).toContain(`Incident ${incidentId} of ${GROUP}: paged`);
    expect(stdout).toContain(`Alarms: ${DIFFERENT.name}, ${LATE.name}.`);
    expect(stdout).toMatch(/rebuild the hot store: records are not as the offline store has them/);
    expect(stdout).toMatch(
      /page a person: refresh \S+, the last of the group, failed with DataRejectedError/,
    );
  });

  it("gives one as a document", async () => {
    expect(await stewardJson(["incidents", incidentId], { state })).toMatchObject({
      incidentId,
      group: GROUP,
      status: "paged",
      diagnosis: "run-failed",
      remedy: "rebuild",
      alarms: [DIFFERENT.name, LATE.name],
      decisions: [
        { diagnosis: "hot-behind", kind: "rebuild" },
        { diagnosis: "run-failed", kind: "page" },
      ],
      executionRun: incidentId,
    });
  });

  it("ends with 3 for an incident that is not there", async () => {
    expect(await steward("incidents", "nope")).toMatchObject({ code: 3, stdout: "" });
  });

  it("tells the run of the remediation as any run, with what was decided", async () => {
    const { stdout } = await steward("run", incidentId);

    expect(stdout).toContain(`Paged a person for ${GROUP}`);
    expect(stdout).toContain("rebuild the hot store");
  });

  it("lists a closed one only when all are asked for", async () => {
    await setAlarms(platform, "ok", [DIFFERENT, LATE]);

    const open = await stewardJson(["incidents"], { state });
    const all = await stewardJson(["incidents", "--all"], { state });

    expect(open).toEqual([]);
    expect(all).toMatchObject([{ incidentId, status: "closed" }]);
  });

  it("keeps and says no identifier: not in ledger, pages, log or output", async () => {
    const needles = toNeedles(CANARIES);
    const files = listFiles(state).filter((path) => /^(ledger|queue|pages|log|metrics)/.test(path));
    const kept = [
      ...readFiles(state, files),
      ...files.filter((path) => path.endsWith(".sqlite")).flatMap((path) => readSqliteRows(state, path)),
    ];

    expect(files).toContain("pages.jsonl");
    expect(pagesOf(platform)).toHaveLength(1);
    expect(kept.flatMap(({ place, bytes }) => findLeaks(place, bytes, needles))).toEqual([]);
    expect(findLeaks("output", Buffer.from(printed.join("\n")), needles)).toEqual([]);
  });
});
