import { execFile } from "node:child_process";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import type { EpochMs, FeatureRecord } from "@steward/core";
import { customerPurchases } from "@steward/features";
import { openPlatform, type Platform } from "@steward/local";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { orderFaults } from "../support/faults.ts";
import { findLeaks, makeCanaries, toNeedles } from "../support/leak-search.ts";
import { exportRows, GROUPS, makeStateDir, removeStateDir } from "../support/platform.ts";
import { type Content, listFiles, readFiles, readRedis, readSqliteRows } from "../support/state-contents.ts";
import { type CommandResult, runSteward, startSteward } from "../support/steward-command.ts";
import { until } from "../support/until.ts";

const GROUP = "customer-purchases";
const HEADER = "customer_id,date,quantity,amount";
const CANARIES = makeCanaries(32, 20_261_124);
const CUSTOMERS = CANARIES.slice(0, 12);
const NEEDLES = toNeedles(CANARIES);

/** Where identifiers may lie, and why: everything else is searched. */
const MAY_HOLD_IDENTIFIERS = [
  /^objects\/events\/.*\.parquet$/, // the event table, and set-aside rows beside it
  /^objects\/offline\/.*\.parquet$/, // the offline store
  /^objects\/staging\/.*\.parquet$/, // records on their way to the offline store
  /^feature-store\//, // the online store
];

let folder: string;
let state: string;
let platform: Platform;
const printed: Content[] = [];
const thrown: Content[] = [];
/** What the platform kept at the moments that matter: letters in the dead-letter queue, a killed run, the end. */
const kept: Content[] = [];
const outcomes: Record<string, number | null> = {};
const rules = new Set<string>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "steward-leaks-"));
  state = makeStateDir();
  platform = await openPlatform({ stateDir: state, groups: GROUPS });
  await refreshWellAndBadly();
  await failToWriteThenRedrive();
  await cancelAndKill();
  await useEveryCommand();
  await breakTheStores();
  kept.push(...(await contentsOf("at the end")));
}, 120_000);

afterAll(async () => {
  await platform.close();
  await removeStateDir(state);
  rmSync(folder, { recursive: true, force: true });
});

describe("the identifiers of a refresh", () => {
  it("were there to be leaked: in every store, among bad rows of each rule, in runs that ended each way", async () => {
    expect([...rules].sort()).toEqual(["after-arrival", "columns", "encoding", "range", "required", "type"]);
    expect(outcomes).toEqual({
      succeeded: 0,
      "above the threshold": 1,
      "cut inside a quote": 2,
      "write failure": 1,
      redriven: 0,
      cancelled: 1,
      killed: null,
      resumed: 0,
    });
    for (const store of ["offline", "online", "hot"] as const) {
      const rows = await exportRows(platform, customerPurchases, store);
      expect(rows.filter(({ recordId }) => CUSTOMERS.includes(recordId))).toHaveLength(CUSTOMERS.length);
    }
    expect(kept.filter(({ place }) => place.includes("dead_letters row")).length).toBeGreaterThan(0);
  });

  it("lie in no file of the state folder but those of event table, staging, set-aside rows, offline and online store", () => {
    const files = kept.filter(({ place }) => place.includes(" file "));

    expect(files.map(({ place }) => place)).toEqual(
      expect.arrayContaining([
        ...["ledger.sqlite", "queue.sqlite", "log.jsonl", "metrics.jsonl", "objects/index.sqlite"].map(
          (name) => `at the end: file ${name}`,
        ),
        expect.stringMatching(/file redis\/appendonlydir\/.*\.aof$/),
        expect.stringMatching(/file objects\/offline\/.*\/manifests\/.*\.json$/),
        expect.stringMatching(/file objects\/runs\/.*\/compute\..*json$/),
      ]),
    );
    expect(leaksIn(files)).toEqual([]);
  });

  it("lie in no row of ledger (runs, chunks, executions, reports), queue, dead letters and object index", () => {
    const rows = kept.filter(({ place }) => place.includes(".sqlite "));

    for (const table of ["ledger.sqlite items", "queue.sqlite dead_letters", "objects/index.sqlite"])
      expect(rows.some(({ place }) => place.includes(table))).toBe(true);
    expect(leaksIn(rows)).toEqual([]);
  });

  it("lie in no key and no value of Redis", () => {
    const values = kept.filter(({ place }) => place.includes("Redis"));

    expect(values.length).toBeGreaterThan(CUSTOMERS.length);
    expect(leaksIn(values)).toEqual([]);
  });

  it("are in nothing that a command prints, the rows of get and export apart", () => {
    expect(printed.length).toBeGreaterThan(20);
    expect(leaksIn(printed)).toEqual([]);
  });

  it("are in no error that a store or the engine throws, its causes and hidden fields included", () => {
    expect(thrown.map(({ place }) => place)).toHaveLength(9);
    expect(leaksIn(thrown)).toEqual([]);
  });

  it("do not outlive in the scratch folder a process that was killed in the middle of an append", async () => {
    const input = write("large.csv", [
      ...CUSTOMERS.map((id) => `${id},1997-09-09,1,3.00`),
      ...readFileSync("data/cdnow.csv", "utf8").trimEnd().split("\n").slice(1),
    ]);
    await dieWhileAppending(input);
    const left = readdirSync(platform.folder.scratch, { recursive: true }).map(String);
    expect(left.filter((name) => name.endsWith(".parquet"))).not.toEqual([]);

    await steward("groups");
    const next = await steward("refresh", GROUP, "--as-of", "1997-10-20");

    expect(next.code).toBe(0);
    expect(readdirSync(platform.folder.scratch, { recursive: true })).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/\.parquet$/)]),
    );
    expect(leaksIn(await contentsOf("after the kill"))).toEqual([]);
  });
});

describe("this search", () => {
  it.each([
    ["text", (id: string) => Buffer.from(`{"id":"${id}"}`)],
    ["text cut short", (id: string) => Buffer.from(id.slice(0, 11))],
    ["UTF-16", (id: string) => Buffer.from(id, "utf16le")],
    ["big-endian UTF-16", (id: string) => Buffer.from(id, "utf16le").swap16()],
    ["hex", (id: string) => Buffer.from(Buffer.from(id).toString("hex"))],
    [
      "base64 in the middle of more",
      (id: string) => Buffer.from(Buffer.from(`a,${id},b`).toString("base64")),
    ],
  ])("finds an identifier planted as %s", (_, plant) => {
    for (const id of CANARIES) expect(findLeaks("here", plant(id), NEEDLES)).not.toEqual([]);
  });

  it("finds one that is planted in ledger, queue, Redis, log or a file of the state folder", async () => {
    const [canary = ""] = CANARIES;
    const redis = new Redis(platform.services.redis.url);
    await platform.ports.ledger.put({ partition: "planted", sort: "1" }, { note: canary }, "absent");
    await platform.ports.chunkQueue.send([JSON.stringify({ planted: canary })]);
    await platform.ports.objects.put("runs/planted.json", Buffer.from(canary));
    appendFileSync(platform.folder.log, `${Buffer.from(canary).toString("hex")}\n`);
    await redis.set("planted", Buffer.from(canary, "utf16le"));
    redis.disconnect();

    const places = leaksIn(await contentsOf("planted")).join("\n");

    for (const place of [
      "ledger.sqlite items",
      "queue.sqlite messages",
      "objects/runs/planted",
      "log.jsonl",
      "Redis string",
    ])
      expect(places).toContain(place);
  });
});

async function refreshWellAndBadly(): Promise<void> {
  const bad = badRows();
  const mixed = write("mixed.csv", [...CUSTOMERS.map((id) => `${id},1997-09-01,1,5.00`), ...bad]);
  const good = await steward(
    "refresh",
    GROUP,
    "--input",
    mixed,
    "--as-of",
    "1997-10-01",
    "--set-aside-threshold",
    "100%",
  );
  outcomes.succeeded = good.code;
  const runId = runOf(good);
  const { rows } = JSON.parse((await steward("set-aside", runId, "--json")).stdout);
  for (const { rule } of rows) rules.add(rule);
  await steward("set-aside", runId, "--replay");
  await steward("run", runId);
  const wrong = write("wrong.csv", bad);
  const rejected = await steward("refresh", GROUP, "--input", wrong, "--as-of", "1997-10-02");
  outcomes["above the threshold"] = rejected.code;
  await steward("set-aside", runOf(rejected));
  const cut = join(folder, "cut.csv");
  writeFileSync(cut, `${HEADER}\n${CUSTOMERS[0]},1997-09-01,1,"5.00\n`);
  outcomes["cut inside a quote"] = (await steward("refresh", GROUP, "--input", cut)).code;
  const headless = join(folder, "headless.csv");
  writeFileSync(headless, `${CUSTOMERS[0]},1997-09-01,1,5.00\n`);
  await steward("refresh", GROUP, "--input", headless);
}

async function failToWriteThenRedrive(): Promise<void> {
  await orderFaults(platform, { errorRate: 1 });
  const more = write(
    "more.csv",
    CUSTOMERS.map((id) => `${id},1997-09-02,2,7.25`),
  );
  const failed = await steward("refresh", GROUP, "--input", more, "--as-of", "1997-10-03", "--json");
  outcomes["write failure"] = failed.code;
  await until("the failed chunk is a dead letter", async () => {
    await platform.ports.chunkQueue.receive(1, 1_000); // which buries it
    return (await platform.ports.chunkQueue.depth()).deadLetters > 0;
  });
  kept.push(...(await contentsOf("with dead letters")));
  await steward("status");
  await orderFaults(platform);
  outcomes.redriven = (await steward("redrive", "--json")).code;
}

async function cancelAndKill(): Promise<void> {
  const slow = (asOf: string, ...args: string[]) =>
    startSteward(["refresh", GROUP, "--as-of", asOf, "--pace", "3", ...args], { state });
  const cancelled = slow("1997-10-04", "--json");
  await cancelled.said("writing to the online and the hot store");
  await steward("cancel", await runningId());
  outcomes.cancelled = keep("cancelled refresh", await cancelled.ended).code;
  const killed = slow(
    "1997-10-05",
    "--input",
    write(
      "last.csv",
      CUSTOMERS.map((id) => `${id},1997-09-05,1,1.00`),
    ),
  );
  await killed.said("writing to the online and the hot store");
  killed.child.kill("SIGKILL");
  outcomes.killed = keep("killed refresh", await killed.ended).code;
  kept.push(...(await contentsOf("after a kill")));
  const runId = await runningId();
  await steward("runs");
  outcomes.resumed = (await steward("resume", runId, "--pace", "1000")).code;
}

/** Commands that read, and those that are told an identifier which is nowhere, or told it wrongly. */
async function useEveryCommand(): Promise<void> {
  const nobody = CANARIES.at(-1) ?? "";
  await Promise.all(["status", "groups"].map((name) => steward(name, "--json")));
  await Promise.all(
    ["hot", "online"].map((store) => steward("get", GROUP, nobody, "--store", store, "--json")),
  );
  await Promise.all([
    steward("get", GROUP, nobody, "--store", "offline", "--as-of", "1990-01-01"),
    steward("get", GROUP, nobody, CUSTOMERS[0] ?? ""),
    steward("get", GROUP, `-${nobody}`),
    steward("export", GROUP, "--store", "hot", "--output", join(folder, "hot.jsonl")),
  ]);
}

/** Each store called with identifiers while it cannot answer, and the engine with files that are not there. */
async function breakTheStores(): Promise<void> {
  const { ports, services } = platform;
  const records: FeatureRecord[] = CUSTOMERS.map((recordId) => ({
    recordId,
    eventTimeMs: Date.UTC(1997, 10, 1) as EpochMs,
    features: { orders_7d: 1 },
  }));
  const keyed = records.map((record) => ({
    record,
    pseudonym: ports.pseudonymiser.pseudonym("customer", record.recordId),
  }));
  const attempt = async (place: string, call: () => Promise<unknown>): Promise<void> => {
    const result = await call().catch((error: unknown) => error);
    thrown.push({
      place,
      bytes: Buffer.from(inspect(result, { depth: 9, showHidden: true, maxStringLength: null })),
    });
  };
  const malformed = records.map((record) => ({ ...record, features: { unheard_of: record.recordId } }));
  await attempt("online write refused", () => ports.onlineStore.write(customerPurchases, malformed));
  await orderFaults(platform, { errorRate: 1 });
  await attempt("online write failed", () => ports.onlineStore.write(customerPurchases, records));
  await attempt("online read failed", () => ports.onlineStore.read(customerPurchases, CUSTOMERS));
  await orderFaults(platform);
  await attempt("offline rows missing", () =>
    ports.offlineFiles.readRows(customerPurchases, "offline/none.parquet", 0, 9),
  );
  await attempt("input missing", () =>
    ports.batchEngine.inspect(customerPurchases.source, { name: join(folder, "none.csv") }),
  );
  for (const { pid } of [services.redis, services.featureStore])
    if (pid !== undefined) process.kill(pid, "SIGKILL");
  await attempt("hot write without Redis", () =>
    ports.hotStore.write(customerPurchases, keyed, ports.clock.now()),
  );
  await attempt("hot read without Redis", () =>
    ports.hotStore.read(
      customerPurchases,
      keyed.map(({ pseudonym }) => pseudonym),
    ),
  );
  await attempt("online write without a server", () => ports.onlineStore.write(customerPurchases, records));
  await attempt("online read without a server", () => ports.onlineStore.read(customerPurchases, CUSTOMERS));
  await platform.ensureServices();
}

/** Rows that break each rule, each with a canary as its identifier or in the cell that is wrong. */
function badRows(): readonly (string | Buffer)[] {
  const [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = CANARIES.slice(12) as string[];
  return [
    `,1997-09-01,1,${a}`,
    `${b},,1,5.00`,
    `${c},${d},1,5.00`,
    `${e},1997-1-1,1,5.00`,
    `${f},1997-09-01,${g},5.00`,
    `${h},1997-09-01,0x1f,5.00`,
    `${i},1997-09-01,1,NaN`,
    `${j},1997-09-01,1,3.999`,
    `${k},1997-09-01,1,99999999999999.00`,
    `${`${l}-`.repeat(180)},1997-09-01,1,5.00`,
    `${m},${"7".repeat(400_000)},1,5.00`,
    `${n},2999-09-01,1,5.00`,
    `${o},1997-09-01`,
    `${o},1997-09-01,1,5.00,${p}`,
    `"${p}"x,1997-09-01,1,"5.00"`,
    Buffer.concat([Buffer.from(`${m}`), Buffer.from([0xff, 0xfe]), Buffer.from(",1997-09-01,1,5.00")]),
  ];
}

function write(name: string, rows: readonly (string | Buffer)[]): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    Buffer.concat([HEADER, ...rows].flatMap((row) => [Buffer.from(row), Buffer.from("\n")])),
  );
  return path;
}

/** Runs a command to its end and keeps what it printed. */
async function steward(...args: string[]): Promise<CommandResult> {
  return keep(
    args.filter((arg) => !CANARIES.some((id) => arg.includes(id))).join(" "),
    await runSteward(args, { state, env: { STEWARD_DEBUG: "1" } }),
  );
}

function keep(command: string, result: CommandResult): CommandResult {
  printed.push({ place: `steward ${command}`, bytes: Buffer.from(`${result.stdout}\n${result.stderr}`) });
  return result;
}

function runOf({ stdout, stderr }: CommandResult): string {
  return /\b\d{8}t\d{6}-[0-9a-z]{8}\b/.exec(stdout + stderr)?.[0] ?? "";
}

async function runningId(): Promise<string> {
  const runs = JSON.parse((await steward("runs", "--json")).stdout) as { runId: string; state: string }[];
  return runs.findLast(({ state: is }) => is === "running" || is === "interrupted")?.runId ?? "";
}

async function contentsOf(moment: string): Promise<readonly Content[]> {
  const files = listFiles(state).filter((path) => !MAY_HOLD_IDENTIFIERS.some((rule) => rule.test(path)));
  const databases = files.filter((path) => path.endsWith(".sqlite"));
  return [
    ...readFiles(state, files).map(({ place, bytes }) => ({ place: `file ${place}`, bytes })),
    ...databases.flatMap((path) => readSqliteRows(state, path)),
    ...(await readRedis(platform.services.redis.url)),
  ].map(({ place, bytes }) => ({ place: `${moment}: ${place}`, bytes }));
}

function leaksIn(contents: readonly Content[]): readonly string[] {
  return contents.flatMap(({ place, bytes }) => findLeaks(place, bytes, NEEDLES));
}

function dieWhileAppending(input: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(
      "node_modules/.bin/node",
      ["test/support/append-and-die.ts", state, "1997-10-10", input],
      (error, _, stderr) => {
        if (error?.signal === "SIGKILL") resolve();
        else reject(new Error(`the process did not die while it appended: ${stderr}`));
      },
    );
  });
}
