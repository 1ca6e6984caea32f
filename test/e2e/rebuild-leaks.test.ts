import { mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getPlace, listOfflineFiles } from "@steward/core";
import { customerPurchases } from "@steward/features";
import { openPlatform, type Platform } from "@steward/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { orderFaults } from "../support/faults.ts";
import { findLeaks, makeCanaries, toNeedles } from "../support/leak-search.ts";
import { at, GROUPS, removeStateDir } from "../support/platform.ts";
import { writeCsv } from "../support/purchase-files.ts";
import { exportBoth, suppress } from "../support/rebuilds.ts";
import { type Content, listFiles, readFiles, readRedis, readSqliteRows } from "../support/state-contents.ts";
import { type CommandResult, runSteward, startSteward } from "../support/steward-command.ts";
import { until } from "../support/until.ts";

const GROUP = customerPurchases.name;
const CUSTOMERS = makeCanaries(12, 20_261_125);
const NEEDLES = toNeedles(CUSTOMERS);

/** Where identifiers may lie: event table, offline store, staging; the online store. Everything else is searched. */
const MAY_HOLD_IDENTIFIERS = [/^objects\/(events|offline|staging)\/.*\.parquet$/, /^feature-store\//];

let folder: string;
let state: string;
let platform: Platform;
let held: Record<"online" | "hot", number>;
const outcomes: Record<string, number | null> = {};
const printed: Content[] = [];
const kept: Content[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "steward-leaks-"));
  state = join(folder, "state");
  platform = await openPlatform({ stateDir: state, groups: GROUPS });
  const input = writeCsv(
    folder,
    "purchases.csv",
    CUSTOMERS.map((id) => `${id},1997-09-01,1,5.00`),
  );
  await steward("refreshed", "refresh", GROUP, "--input", input, "--as-of", "1997-10-01");
  await suppress(platform, "customer", CUSTOMERS[0] ?? "");
  for (const store of ["hot", "online"]) await steward("wiped", "wipe", "--store", store, "--yes");
  await steward("planned", "rebuild", GROUP, "--plan", "--json");
  await failToWriteAndRedrive();
  await killAndResume();
  await differ();
  await damageTheOfflineFile();
  kept.push(...(await contentsOf("at the end")));
}, 120_000);

afterAll(async () => {
  await platform.close();
  await removeStateDir(state);
  rmSync(folder, { recursive: true, force: true });
});

describe("the identifiers of a rebuild", () => {
  it("were there to be leaked, in runs that ended each way", () => {
    expect(outcomes).toEqual({
      refreshed: 0,
      wiped: 0,
      planned: 0,
      "write failure": 1,
      redriven: 0,
      killed: null,
      resumed: 0,
      different: 1,
      damaged: 1,
    });
    expect(held).toEqual({ online: CUSTOMERS.length - 1, hot: CUSTOMERS.length - 1 });
    expect(kept.some(({ place }) => place.includes("dead_letters row"))).toBe(true);
  });

  it.for([
    ["file of the state folder but those of the stores", " file ", 20],
    ["row of ledger, queue, dead letters and object index", ".sqlite ", 100],
    ["key or value of Redis", "Redis", 20],
  ] as const)("lie in no %s", ([, where, least]) => {
    const contents = kept.filter(({ place }) => place.includes(where));

    expect(contents.length).toBeGreaterThan(least);
    expect(leaksIn(contents)).toEqual([]);
  });

  it("are in nothing that a command prints, its errors included", () => {
    expect(printed.length).toBeGreaterThan(9);
    expect(leaksIn(printed)).toEqual([]);
  });

  it("would have been found", () => {
    const [canary = ""] = CUSTOMERS;

    expect(leaksIn([{ place: "here", bytes: Buffer.from(`{"recordId":"${canary}"}`) }])).not.toEqual([]);
  });
});

async function failToWriteAndRedrive(): Promise<void> {
  await orderFaults(platform, { errorRate: 1 });
  await steward("write failure", "rebuild", GROUP, "--json");
  await until("the failed chunk is a dead letter", async () => {
    await platform.ports.chunkQueue.receive(1, 1_000); // which buries it
    return (await platform.ports.chunkQueue.depth()).deadLetters > 0;
  });
  kept.push(...(await contentsOf("with dead letters")));
  await orderFaults(platform);
  await steward("redriven", "redrive", "--json");
}

async function killAndResume(): Promise<void> {
  const running = startSteward(["rebuild", GROUP, "--pace", "2", "--json"], { state });
  await running.said("writing to the online and the hot store");
  running.child.kill("SIGKILL");
  keep("killed", await running.ended);
  kept.push(...(await contentsOf("after a kill")));
  const { stdout } = await runSteward(["runs", "--json"], { state });
  const runs = JSON.parse(stdout) as { readonly runId: string; readonly state: string }[];
  const interrupted = runs.find((run) => run.state === "interrupted")?.runId ?? "";
  await steward("resumed", "resume", interrupted, "--pace", "100000");
}

/** A record whose values are others, under the same event time. */
async function differ(): Promise<void> {
  await platform.wipe("online");
  const other = { recordId: CUSTOMERS[1] ?? "", eventTimeMs: at("1997-10-01"), features: { orders_7d: 9 } };
  await platform.ports.onlineStore.write(customerPurchases, [other]);
  await steward("different", "rebuild", GROUP);
  const { online, hot } = await exportBoth(platform, customerPurchases);
  held = { online: online.length, hot: hot.length };
}

async function damageTheOfflineFile(): Promise<void> {
  const { offlinePrefix } = await getPlace(platform.ports.ledger, GROUP);
  const [key = ""] = await listOfflineFiles(platform.ports.objects, offlinePrefix);
  truncateSync(await platform.ports.objects.locate(key), 1_000);
  await steward("damaged", "rebuild", GROUP);
}

async function steward(outcome: string, ...args: string[]): Promise<CommandResult> {
  return keep(outcome, await runSteward(args, { state, env: { STEWARD_DEBUG: "1" } }));
}

function keep(outcome: string, result: CommandResult): CommandResult {
  outcomes[outcome] = result.code;
  printed.push({ place: outcome, bytes: Buffer.from(`${result.stdout}\n${result.stderr}`) });
  return result;
}

async function contentsOf(moment: string): Promise<readonly Content[]> {
  const files = listFiles(state).filter((path) => !MAY_HOLD_IDENTIFIERS.some((rule) => rule.test(path)));
  return [
    ...readFiles(state, files).map(({ place, bytes }) => ({ place: `file ${place}`, bytes })),
    ...files.filter((path) => path.endsWith(".sqlite")).flatMap((path) => readSqliteRows(state, path)),
    ...(await readRedis(platform.services.redis.url)),
  ].map(({ place, bytes }) => ({ place: `${moment}: ${place}`, bytes }));
}

function leaksIn(contents: readonly Content[]): readonly string[] {
  return contents.flatMap(({ place, bytes }) => findLeaks(place, bytes, NEEDLES));
}
