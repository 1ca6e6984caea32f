// An export and a replay of set-aside rows beside an erasure: what is suppressed does not leave, and nobody is overlooked.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  endAsOf,
  exportRecords,
  type FeatureRecord,
  findGreatestAsOf,
  listOpenAsOfs,
  recordSuppressions,
  replaySetAsideRows,
  STORES,
  suppressSubjects,
} from "@steward/core";
import { customerPurchases } from "@steward/features";
import type { Platform } from "@steward/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { at, makeStateDir, openTestPlatform, refresh, removeStateDir } from "../support/platform.ts";
import { purchasesOf, writeCsv } from "../support/purchase-files.ts";
import { runSteward } from "../support/steward-command.ts";

const GROUP = "customer-purchases";
const AS_OF = "1997-10-01";

let stateDir: string;
let inputs: string;
let platform: Platform;

beforeAll(async () => {
  stateDir = makeStateDir();
  inputs = mkdtempSync(join(tmpdir(), "steward-inputs-"));
  platform = await openTestPlatform(stateDir, {
    clockMs: at("1997-11-01"),
    settings: { setAsideThreshold: 1 },
  });
  const rows = [...purchasesOf(6, "1997-09-01"), "00004,1998-01-01,1,5.00", "00005,1998-01-01,1,5.00"];
  const run = await refresh(platform, GROUP, AS_OF, [writeCsv(inputs, "purchases.csv", rows)]);
  expect(run).toMatchObject({ status: "succeeded", report: { counts: { setAside: 2, written: 6 } } });
  await suppressSubjects(platform.ports, "customer", "request-1", [pseudonym("00001")]);
});

afterAll(async () => {
  await platform.close();
  await removeStateDir(stateDir);
  rmSync(inputs, { recursive: true, force: true });
});

const pseudonym = (id: string): string => platform.ports.pseudonymiser.pseudonym("customer", id);
const open = () => listOpenAsOfs(platform.ports.ledger, "customer");

describe("exportRecords", () => {
  it.each(STORES)("leaves out of the %s store who is suppressed and not yet erased there", async (store) => {
    const ids = await allIds(exportRecords(platform.ports, customerPurchases, store));

    expect(ids).toEqual(["00000", "00002", "00003", "00004", "00005"]);
  });

  it("leaves out who is recorded and has no time yet", async () => {
    await recordSuppressions(platform.ports.ledger, "customer", "request-2", [pseudonym("00002")]);

    expect(await allIds(exportRecords(platform.ports, customerPurchases, "hot"))).toEqual([
      "00000",
      "00003",
      "00004",
      "00005",
    ]);
  });

  it("is registered while it goes on, with its process and an end, and not after", async () => {
    const pages = exportRecords(platform.ports, customerPurchases, "online")[Symbol.asyncIterator]();
    await pages.next();
    const during = await open();
    await pages.return?.();

    expect(during).toEqual([
      expect.objectContaining({
        runId: expect.stringMatching(/^export-/),
        asOfMs: at("1997-11-01"),
        process: platform.ports.holders.current(),
        expiresAtMs: expect.any(Number),
      }),
    ]);
    expect(await open()).toEqual([]);
    expect(await findGreatestAsOf(platform.ports.ledger, "customer")).toBe(at("1997-11-01"));
  });

  it("fails once an erasure has gone on without it", async () => {
    const pages = exportRecords(platform.ports, customerPurchases, "online")[Symbol.asyncIterator]();
    await pages.next();
    for (const registration of await open()) await endAsOf(platform.ports.ledger, "customer", registration);

    await expect(pages.next()).rejects.toThrow(expect.objectContaining({ name: "LeaseLostError" }));
  });
});

describe("steward export", () => {
  it("writes a file without the suppressed", async () => {
    const output = join(inputs, "purchases.jsonl");

    const { code, stdout } = await runSteward(
      ["export", GROUP, "--store", "offline", "--output", output, "--quiet"],
      { state: stateDir },
    );

    expect(code).toBe(0);
    expect(stdout).toContain("Wrote 4 records");
    expect(existsSync(output)).toBe(true);
  });
});

describe("replaySetAsideRows", () => {
  it("leaves out who is suppressed, and is registered under a name of its own", async () => {
    const [run] = (await platform.ports.ledger.list("runs")).map(({ sort }) => sort);
    await recordSuppressions(platform.ports.ledger, "customer", "request-3", [pseudonym("00004")]);
    const { batchEngine } = platform.ports;
    const during: string[] = [];
    const ports = {
      ...platform.ports,
      clock: { now: () => at("1998-02-01") },
      batchEngine: Object.assign(Object.create(batchEngine) as typeof batchEngine, {
        replaySetAside: async (job: Parameters<typeof batchEngine.replaySetAside>[0]) => {
          during.push(...(await open()).map(({ runId }) => runId));
          return batchEngine.replaySetAside(job);
        },
      }),
    };

    const replays = await Promise.all([
      replaySetAsideRows(ports, run ?? ""),
      replaySetAsideRows(ports, run ?? ""),
    ]);

    expect(replays[0]).toEqual({ entered: 1, stillSetAside: 0, suppressed: 1 });
    expect(replays[1]).toEqual(replays[0]);
    expect(new Set(during).size).toBe(2);
    expect(await open()).toEqual([]);
    expect(await findGreatestAsOf(platform.ports.ledger, "customer")).toBe(at("1998-02-01"));
  });
});

async function allIds(pages: AsyncIterable<readonly FeatureRecord[]>): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const page of pages) ids.push(...page.map(({ recordId }) => recordId));
  return ids;
}
