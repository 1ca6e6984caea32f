import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandResult, runSteward } from "../support/steward-command.ts";

const COMMANDS = [
  "up",
  "down",
  "status",
  "doctor",
  "groups",
  "refresh",
  "put",
  "stream",
  "replay",
  "runs",
  "run",
  "resume",
  "cancel",
  "redrive",
  "set-aside",
  "get",
  "export",
  "completion",
  "version",
] as const;

let folder: string;
let state: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "steward-usage-"));
  state = join(folder, "state");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const steward = (...args: string[]): Promise<CommandResult> => runSteward(args, { state });

describe("steward --help", () => {
  it("names every command on stdout and ends with 0", async () => {
    const { code, stdout, stderr } = await steward("--help");

    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
  });

  it.for(COMMANDS)("shows examples and the common options of %s", async (command) => {
    const { code, stdout } = await steward(command, "--help");

    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: steward ${command}\\b`));
    expect(stdout).toContain(`\nExamples:\n  steward ${command}`);
    expect(stdout).toContain("--state <dir>");
  });
});

/** Each is told on one line of stderr, that line and nothing else. */
const USAGE_ERRORS: readonly (readonly [rule: string, args: readonly string[], line: string])[] = [
  [
    "an unknown command, with the nearest",
    ["refersh"],
    "steward: unknown command 'refersh' (did you mean refresh?); see `steward --help`\n",
  ],
  [
    "an unknown flag, with the nearest",
    ["get", "customer-purchases", "1", "--stroe", "hot"],
    "steward: unknown option '--stroe' (did you mean --store?); see `steward get --help`\n",
  ],
  [
    "a missing argument",
    ["get", "customer-purchases"],
    "steward: missing required argument 'id'; see `steward get --help`\n",
  ],
  [
    "a store that there is not",
    ["get", "customer-purchases", "1", "--store", "cold"],
    "steward: option '--store <store>' argument 'cold' is invalid. Allowed choices are hot, online, offline; see `steward get --help`\n",
  ],
  [
    "an export that names no store",
    ["export", "customer-purchases"],
    "steward: required option '--store <store>' not specified; see `steward export --help`\n",
  ],
  [
    "a Parquet export without a file",
    ["export", "customer-purchases", "--store", "hot", "--format", "parquet"],
    "steward: --format parquet needs --output FILE\n",
  ],
  [
    "an as-of for a store that keeps the newest record alone",
    ["get", "customer-purchases", "1", "--as-of", "1997-10-01"],
    "steward: --as-of goes with --store offline\n",
  ],
  [
    "a malformed as-of",
    ["refresh", "customer-purchases", "--as-of", "1997-02-29"],
    'steward: --as-of "1997-02-29" is not an instant: write 2026-01-31 (midnight UTC) or 2026-01-31T08:00:00Z\n',
  ],
  [
    "a malformed clock",
    ["runs", "--clock", "noon"],
    'steward: --clock "noon" is not an instant: write 2026-01-31 (midnight UTC) or 2026-01-31T08:00:00Z\n',
  ],
  [
    "an unknown group",
    ["refresh", "customers"],
    'steward: there is no feature group "customers"; there are: customer-activity, customer-loyalty, customer-purchases, customer-sessions, product-views\n',
  ],
  [
    "a replay without its instant",
    ["replay", "customer-activity"],
    "steward: required option '--from <instant>' not specified; see `steward replay --help`\n",
  ],
  [
    "a malformed instant of a replay",
    ["replay", "customer-activity", "--from", "yesterday"],
    'steward: --from "yesterday" is not an instant: write 2026-01-31 (midnight UTC) or 2026-01-31T08:00:00Z\n',
  ],
  [
    "a replay of a group that no stream feeds",
    ["replay", "customer-purchases", "--from", "oldest"],
    'steward: group "customer-purchases" is not fed by a stream: `steward refresh customer-purchases` writes it\n',
  ],
  [
    "events for a group that no stream feeds",
    ["put", "customer-purchases", "--file", "data/cdnow.csv"],
    'steward: group "customer-purchases" is not fed by a stream: `steward refresh customer-purchases` writes it\n',
  ],
  [
    "events of a file that is not there",
    ["put", "customer-activity", "--file", "/nowhere/activity.jsonl"],
    "steward: input file /nowhere/activity.jsonl does not exist\n",
  ],
  [
    "an engine that is not here",
    ["refresh", "customer-purchases", "--engine", "spark"],
    "steward: --engine spark is not available here: leave it out, DuckDB gives the same values\n",
  ],
  [
    "a pace that is no number",
    ["refresh", "customer-purchases", "--pace", "1e3"],
    "steward: option '--pace <records>' argument '1e3' is invalid. It must be a number above 0; see `steward --help`\n",
  ],
  [
    "a share above all",
    ["refresh", "customer-purchases", "--set-aside-threshold", "101%"],
    "steward: option '--set-aside-threshold <share>' argument '101%' is invalid. It must be from 0 to 1, or from 0% to 100%; see `steward --help`\n",
  ],
  ["a state folder without a name", ["runs", "--state", ""], "steward: --state needs a folder\n"],
];

describe("steward, wrongly used", () => {
  it.for(USAGE_ERRORS)("refuses %s with exit 2 and one plain line", async ([, args, line]) => {
    const { code, stdout, stderr } = await steward(...args);

    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: line });
    expect(existsSync(state)).toBe(false);
  });

  it("shows its help where no command is named, and ends with 2", async () => {
    const { code, stdout, stderr } = await steward();

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Usage: steward <command>");
  });

  it("tells the error as one JSON document too where JSON was asked for, before or after the command", async () => {
    const before = await steward("--json", "get", "customer-purchases");
    const after = await steward("refresh", "customers", "--json");

    expect(JSON.parse(before.stdout)).toEqual({
      error: { name: "UsageError", message: "missing required argument 'id'; see `steward get --help`" },
    });
    expect(JSON.parse(after.stdout)).toEqual({
      error: {
        name: "InvalidInputError",
        message:
          'there is no feature group "customers"; there are: customer-activity, customer-loyalty, customer-purchases, customer-sessions, product-views',
      },
    });
  });

  it("never repeats what may be a record identifier", async () => {
    const extra = await steward("get", "customer-purchases", "1", "qzvkxjwpgmtrhbnd");
    const dashed = await steward("get", "customer-purchases", "-qzvkxjwpgmtrhbnd");

    expect([extra.code, dashed.code]).toEqual([2, 2]);
    expect(extra.stderr + extra.stdout + dashed.stderr + dashed.stdout).not.toContain("qzvkxjwpgmtrhbnd");
  });
});

describe("steward on a state folder where nothing has run", () => {
  it("says so without making the folder", async () => {
    const results = [
      await steward("status", "--json"),
      await steward("runs", "--json"),
      await steward("down", "--json"),
      await steward("run", "20260101t000000-00aaaaaa"),
    ];

    expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 3]);
    expect(JSON.parse(results[0]?.stdout ?? "")).toMatchObject({
      up: false,
      redis: { running: false, url: null },
      featureStore: { running: false, url: null },
      runs: { running: 0, succeeded: 0 },
    });
    expect(results[1]?.stdout).toBe("[]\n");
    expect(existsSync(state)).toBe(false);
  });

  it("lists the groups that are declared", async () => {
    const { stdout } = await steward("groups", "--json");

    expect(JSON.parse(stdout)).toContainEqual({
      group: "product-views",
      owner: "catalog",
      entity: "product",
      path: "batch",
      features: ["avg_seconds_7d", "in_stock", "long_views_7d", "views_1d", "views_7d", "visitors_7d"],
      schedule: "1 hour",
      nextRefresh: null,
      freshness: "2 hours",
      ttl: "30 days",
      watermark: null,
      ageMs: null,
      records: null,
    });
  });

  it("refuses definitions that break a rule, naming it, and folders without any", async () => {
    const core = join(import.meta.dirname, "../../packages/core/src/index.ts");
    writeFileSync(
      join(folder, "wrong.ts"),
      `import { entity } from ${JSON.stringify(core)};\nexport const e = entity("Customer", { key: "id" });\n`,
    );

    const wrong = await steward("groups", "--features", folder);
    const none = await steward("groups", "--features", join(folder, "none"));

    expect([wrong.code, none.code]).toEqual([2, 2]);
    expect(wrong.stderr).toBe(
      'steward: entity "Customer": name must be 1 to 64 of a-z, 0-9 and -, beginning and ending with a letter or digit\n',
    );
    expect(none.stderr).toMatch(/^steward: the folder .*none cannot be read: .*--features.*\n$/);
  });
});

describe("steward doctor", () => {
  it("finds a machine that runs these tests complete", async () => {
    const { code, stdout } = await steward("doctor", "--json");

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      checks: [{ name: "node" }, { name: "redis" }, { name: "java" }],
    });
  });

  it("ends with 1 and says what to do where Redis is named and does not answer", async () => {
    const { code, stdout } = await runSteward(["doctor"], {
      state,
      env: { REDIS_URL: "redis://127.0.0.1:1" },
    });

    expect(code).toBe(1);
    expect(stdout).toContain(
      "missing  redis: REDIS_URL does not answer\n         start that server, or unset REDIS_URL",
    );
  });
});

describe("steward completion", () => {
  it.for([
    [
      ["steward", "re"],
      ["refresh", "replay", "rebuild", "resume", "redrive"],
    ],
    [
      ["steward", "get", ""],
      ["customer-activity", "customer-loyalty", "customer-purchases", "customer-sessions", "product-views"],
    ],
    [["steward", "--json", "refresh", "customer-p"], ["customer-purchases"]],
    [
      ["steward", "export", "customer-purchases", "--store", ""],
      ["hot", "online", "offline"],
    ],
    [["steward", "refresh", "--a"], ["--as-of"]],
    [
      ["steward", "completion", ""],
      ["bash", "zsh", "fish"],
    ],
  ] as const)("completes %j in bash to %j", async ([words, wanted]) => {
    const script = (await steward("completion", "bash")).stdout;
    const main = `${process.execPath} ${join(import.meta.dirname, "../../packages/cli/src/main.ts")}`;
    const typed = words.map((word) => `'${word}'`).join(" ");

    const { stdout } = spawnSync(
      "bash",
      [
        "-c",
        `steward() { ${main} "$@"; }\n${script}\nCOMP_WORDS=(${typed}); COMP_CWORD=${words.length - 1}; _steward; printf '%s\\n' "\${COMPREPLY[@]}"`,
      ],
      { encoding: "utf8" },
    );

    expect(stdout.trim().split("\n")).toEqual(wanted);
  });

  it.for(["zsh", "fish"])("prints a script for %s that names every command", async (shell) => {
    const { code, stdout } = await steward("completion", shell);

    expect(code).toBe(0);
    for (const command of COMMANDS) expect(stdout).toContain(command);
    expect(stdout).toContain("groups --names");
  });
});
