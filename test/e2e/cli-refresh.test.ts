import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeStateDir } from "../support/platform.ts";
import {
  type CommandResult,
  type RunningCommand,
  runSteward,
  startSteward,
  stewardJson,
} from "../support/steward-command.ts";

const GROUP = "customer-purchases";
const STORES = ["hot", "online", "offline"] as const;
const HEADER = "customer_id,date,quantity,amount";
const PURCHASES = ["0001,1997-09-25,1,11.77", "0002,1997-07-12,1,12.00", "0002,1997-07-12,5,77.00"];
const NO_PURCHASE_LATELY = {
  avg_order_value_90d: 0,
  items_90d: 0,
  max_order_value_90d: null,
  min_order_value_90d: null,
  order_days_90d: 0,
  orders_30d: 0,
  orders_7d: 0,
  orders_90d: 0,
  spend_30d: 0,
  spend_90d: 0,
  spend_per_item_90d: null,
};

let folder: string;
let state: string;
let up: RunningCommand;
let input: string;

const steward = (...args: string[]): Promise<CommandResult> => runSteward(args, { state });
const json = <T>(...args: string[]): Promise<T> => stewardJson<T>(args, { state });
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const exportAll = (): Promise<string[]> =>
  Promise.all(
    STORES.map(async (store) => (await steward("export", GROUP, "--store", store, "--quiet")).stdout),
  );

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "steward-cli-"));
  state = join(folder, "state");
  input = file("purchases.csv", `${[HEADER, ...PURCHASES].join("\n")}\n`);
  up = startSteward(["up"], { state });
  await up.said("Steward is up");
});

afterAll(async () => {
  up.child.kill("SIGKILL");
  await up.ended;
  await removeStateDir(state);
  rmSync(folder, { recursive: true, force: true });
});

describe("steward refresh", () => {
  it("takes a file into the three stores and says what went where", async () => {
    const { code, stdout, stderr } = await steward(
      "refresh",
      GROUP,
      "--input",
      input,
      "--as-of",
      "1997-10-01",
    );

    expect(code).toBe(0);
    expect(stdout.replace(/in [\d.]+ m?s \(run .*\)/, "in TIME (run ID)").split("\n")).toEqual([
      "Refreshed customer-purchases as of 1997-10-01T00:00:00.000Z in TIME (run ID).",
      "Read 3 new rows; none of them set aside.",
      "2 records planned, in 1 chunk:",
      "  offline  2 written",
      "  online   2 written",
      "  hot      2 written",
      "",
    ]);
    // `up` runs on the folder: the command left the work to it.
    expect(stderr).toMatch(/^customer-purchases: run \S+ is done by the platform that is up$/m);
  });

  it("reports the same again as unchanged, and changes no export", async () => {
    const before = await exportAll();

    const again = await steward(
      "refresh",
      GROUP,
      "--input",
      input,
      "--as-of",
      "1997-10-01",
      "--json",
      "--quiet",
    );

    expect({ code: again.code, stderr: again.stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(again.stdout)).toMatchObject({
      workflow: "refresh",
      group: GROUP,
      outcome: "unchanged",
      asOf: "1997-10-01T00:00:00.000Z",
      counts: { read: 0, setAside: 0, planned: 0, stores: { hot: { planned: 0 } } },
      chunks: 0,
    });
    expect(await exportAll()).toEqual(before);
  });
});

describe("steward get", () => {
  it.for(STORES)(
    "shows a record as the %s store has it, and which features show their default",
    async (store) => {
      const row = await json("get", GROUP, "0002", "--store", store);

      expect(row).toEqual({
        group: GROUP,
        recordId: "0002",
        eventTime: "1997-10-01T00:00:00.000Z",
        features: {
          ...NO_PURCHASE_LATELY,
          avg_order_value_90d: 44.5,
          items_90d: 6,
          last_ordered_at: "1997-07-12T00:00:00.000Z",
          max_order_value_90d: 77,
          min_order_value_90d: 12,
          order_days_90d: 1,
          orders_90d: 2,
          spend_90d: 89,
          spend_per_item_90d: 89 / 6,
        },
        defaulted: ["spend_30d"],
      });
    },
  );

  it("ends with 3 where there is no record, and says where it looked but not for whom", async () => {
    const missing = await steward("get", GROUP, "qzvkxjwpgmtrhbnd", "--store", "online");
    const earlier = await steward("get", GROUP, "0002", "--store", "offline", "--as-of", "1997-09-30");
    const never = await steward("get", "product-views", "p1");

    expect([missing.code, earlier.code, never.code]).toEqual([3, 3, 3]);
    expect(missing.stderr).toBe(
      'steward: the online store has no record of group "customer-purchases" under this identifier\n',
    );
    expect(earlier.stderr).toContain("as of 1997-09-30");
    expect(never.stderr).toContain("has never been refreshed: `steward refresh product-views --input FILE`");
  });
});

describe("steward export", () => {
  it("gives the same rows from the three stores, one a line, ascending by record identifier", async () => {
    const [hot, online, offline] = await exportAll();

    const rows = (hot ?? "")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows.map(({ recordId }) => recordId)).toEqual(["0001", "0002"]);
    expect(Object.keys(rows[0] ?? {})).toEqual(["group", "recordId", "eventTime", "features"]);
    expect([online, offline]).toEqual([hot, hot]);
  });

  it("writes CSV with an empty cell where there is no value", async () => {
    const { stdout } = await steward("export", GROUP, "--store", "offline", "--format", "csv", "--quiet");

    expect(stdout.split("\n")).toEqual([
      "recordId,eventTime,avg_order_value_90d,items_90d,last_ordered_at,max_order_value_90d,min_order_value_90d,order_days_90d,orders_30d,orders_7d,orders_90d,spend_30d,spend_90d,spend_per_item_90d",
      "0001,1997-10-01T00:00:00.000Z,11.77,1,1997-09-25T00:00:00.000Z,11.77,11.77,1,1,1,1,11.77,11.77,11.77",
      `0002,1997-10-01T00:00:00.000Z,44.5,6,1997-07-12T00:00:00.000Z,77,12,1,0,0,2,0,89,${89 / 6}`,
      "",
    ]);
  });

  it("writes a file whole, and none where it cannot", async () => {
    const target = join(folder, "exports.jsonl");
    const [hot] = await exportAll();

    const done = await json("export", GROUP, "--store", "hot", "--output", target);
    const failed = await steward(
      "export",
      "product-views",
      "--store",
      "hot",
      "--output",
      join(folder, "none.jsonl"),
    );
    const nowhere = await steward(
      "export",
      GROUP,
      "--store",
      "hot",
      "--output",
      join(folder, "no/where.jsonl"),
    );

    expect(done).toMatchObject({ records: 2, format: "jsonl" });
    expect(readFileSync(target, "utf8")).toBe(hot);
    expect([failed.code, nowhere.code]).toEqual([3, 2]);
    expect(readdirSync(folder).filter((name) => name.includes("none") || name.includes(".tmp"))).toEqual([]);
  });

  it("stops without a complaint when nobody reads on", async () => {
    const running = startSteward(["export", GROUP, "--store", "offline", "--quiet"], { state });
    running.child.stdout?.destroy();

    const { code, stderr } = await running.ended;

    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("warns of hot values that no known identifier leads to", async () => {
    const { redis } = await json<{ redis: { url: string } }>("status");
    const client = new Redis(redis.url);
    const [key = ""] = await client.keys(`growth:f:*:${GROUP}`);
    const unknown = key.replace(
      /(.)(:customer-purchases)$/,
      (_, last: string, group: string) => (last === "0" ? "1" : "0") + group,
    );
    await client.copy(key, unknown);

    const { code, stderr } = await steward("export", GROUP, "--store", "hot");

    await client.del(unknown);
    client.disconnect();
    expect(code).toBe(0);
    expect(stderr).toBe(
      "steward: the hot store has 1 more value of customer-purchases that no identifier of the offline or online store leads to\n",
    );
  });
});

const [row] = PURCHASES;
const BAD_FILES: readonly (readonly [rule: string, text: string, says: string])[] = [
  ["an empty file", "", "is empty"],
  ["a file cut inside a row", `${HEADER}\n${row}\n0002,1997-07`, "does not end with a line end"],
  [
    "a file cut inside a quote",
    `${HEADER}\n${row}\n"0002,1997-07-12,1,2.00\n`,
    "a quote that is never closed",
  ],
  ["a missing column", "customer_id,date,quantity\n1,1997-07-12,1\n", 'lacks the column "amount"'],
  ["an unknown column", `${HEADER},color\n${row},red\n`, 'has an unknown column "color"'],
  [
    "reordered columns",
    "date,customer_id,quantity,amount\n1997-07-12,1,1,2.00\n",
    "has its columns in another order",
  ],
];

describe("steward refresh, given what it must refuse", () => {
  let before: string[];
  beforeAll(async () => {
    before = await exportAll();
  });

  it.for(BAD_FILES)("ends with 2 for %s, and names the file", async ([, text, says]) => {
    const bad = file("bad.csv", text);

    const { code, stdout, stderr } = await steward(
      "refresh",
      GROUP,
      "--input",
      input,
      bad,
      "--quiet",
      "--json",
    );

    expect(code).toBe(2);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(stderr).toMatch(/^steward: input file "?[^ ]*bad\.csv"? /);
    expect(stderr).toContain(says);
    expect(JSON.parse(stdout)).toMatchObject({ error: { name: "InvalidInputError" } });
  });

  it("ends with 2 for a file that is not there, before anything starts", async () => {
    const runs = await json<unknown[]>("runs");

    const { code, stderr } = await steward("refresh", GROUP, "--input", join(folder, "none.csv"));
    const directory = await steward("refresh", GROUP, "--input", folder);

    expect([code, directory.code]).toEqual([2, 2]);
    expect(stderr).toBe(`steward: input file ${join(folder, "none.csv")} does not exist\n`);
    expect(directory.stderr).toContain("is a folder: name the files in it");
    expect(await json("runs")).toEqual(runs);
  });

  it("ends with 2 for an as-of in the future, and for one behind the watermark", async () => {
    const future = await steward("refresh", GROUP, "--as-of", "2999-01-01", "--quiet");
    const behind = await steward("refresh", GROUP, "--as-of", "1997-09-30", "--quiet");

    expect([future.code, behind.code]).toEqual([2, 2]);
    expect(future.stderr).toContain("lies in the future");
    expect(behind.stderr).toContain("cannot go back to 1997-09-30T00:00:00.000Z: give a later --as-of");
  });

  it("leaves the three stores as they were", async () => {
    expect(await exportAll()).toEqual(before);
  });

  it("ends with 2 for new events at the watermark, and appends none of them", async () => {
    const more = file("more.csv", `${HEADER}\n0009,1997-09-30,1,5.00\n`);

    const { code, stderr } = await steward(
      "refresh",
      GROUP,
      "--input",
      more,
      "--as-of",
      "1997-10-01",
      "--quiet",
    );
    const later = await json("refresh", GROUP, "--as-of", "1997-10-02");

    expect(code).toBe(2);
    expect(stderr).toContain("the file brings new events: give a later --as-of");
    expect(later).toMatchObject({ outcome: "succeeded", counts: { planned: 2 } });
  });
});

describe("steward set-aside", () => {
  const rows = [
    "0004,1997-9-1,1,2.00",
    ",1997-09-01,1,2.00",
    "0005,1997-09-01,0x1f,2.00",
    "0006,1997-09-01,1,3.999",
  ];
  let runId: string;

  it("lists the rows that a run could not take, with file, row, column and rule", async () => {
    const path = file("malformed.csv", `${[HEADER, "0003,1997-09-01,1,2.00", ...rows].join("\n")}\n`);

    const report = await json<{ runId: string }>(
      ...["refresh", GROUP, "--input", path, "--as-of", "1997-10-03", "--set-aside-threshold", "80%"],
    );
    runId = report.runId;

    expect(report).toMatchObject({ outcome: "succeeded", counts: { read: 5, setAside: 4, planned: 3 } });
    expect(await json("set-aside", runId)).toEqual({
      runId,
      count: 4,
      rows: [
        { file: path, row: 2, column: "date", rule: "type" },
        { file: path, row: 3, column: "customer_id", rule: "required" },
        { file: path, row: 4, column: "quantity", rule: "type" },
        { file: path, row: 5, column: "amount", rule: "type" },
      ],
    });
    expect((await steward("set-aside", runId, "--limit", "1")).stdout).toContain(
      "3 more: --limit 4 lists them all",
    );
  });

  it("replays them: those that still break a rule stay", async () => {
    expect(await json("set-aside", runId, "--replay")).toEqual({
      runId,
      entered: 0,
      stillSetAside: 4,
      suppressed: 0,
    });
  });

  it("fails the run with 1 above the threshold, publishes nothing, and says how to see the rows", async () => {
    const path = file("malformed-too.csv", `${[HEADER, "0007,1997-09-01,1,2.00", ...rows].join("\n")}\n`);
    const before = await exportAll();

    const { code, stderr } = await steward(
      "refresh",
      GROUP,
      "--input",
      path,
      "--as-of",
      "1997-10-04",
      "--quiet",
    );

    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^steward: 4 of 5 rows break a rule, more than the 1 % .*`steward set-aside [^ ]+`.*\n$/,
    );
    expect(await exportAll()).toEqual(before);
  });

  it("ends with 3 for a run that there is not", async () => {
    expect(await steward("set-aside", "nope")).toMatchObject({
      code: 3,
      stderr: 'steward: there is no run "nope"; `steward runs` lists them\n',
    });
  });
});

describe("steward redrive", () => {
  it("has nothing to do where nothing failed to be written", async () => {
    expect(await json("redrive")).toEqual({ letters: 0, runs: [] });
  });
});

describe("steward up", () => {
  it("ends with 0 at Ctrl-C, and its servers end with it", async () => {
    up.child.kill("SIGINT");
    const { code } = await up.ended;

    expect(code).toBe(0);
    expect(await json("status")).toMatchObject({ up: false, redis: { running: false } });
  });
});
