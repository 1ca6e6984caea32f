// `steward erase` and what stands beside it, as people use them: asked wrongly, twice, at once, interrupted, refused.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ErasurePreview, getPlace, suppressionPartition, tagOf } from "@steward/core";
import { customerPurchases } from "@steward/features";
import { openPlatform, type Platform } from "@steward/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aSigner } from "../support/certificates.ts";
import { exportRows, GROUPS, makeStateDir, removeStateDir } from "../support/platform.ts";
import { purchasesOf, writeCsv } from "../support/purchase-files.ts";
import { type CommandResult, runSteward, startSteward } from "../support/steward-command.ts";
import { until } from "../support/until.ts";

const GROUP = customerPurchases.name;
const CUSTOMERS = 12;
const WAITS = "waiting for what began before to end";
const REQUEST = /\b\d{8}t\d{6}-[0-9a-z]{8}\b/;
/** Each erasure waits for the longest life of a worker, and so does whoever stands behind it. */
const ERASURE_MS = 120_000;

interface Erasure {
  readonly requestId: string;
  readonly outcome: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly suppressedUntil: string;
  readonly copies: readonly { readonly copy: string; readonly name: string; readonly erased: number }[];
  readonly certificate: string;
  readonly publicKey: string;
}

let folder: string;
let state: string;
let platform: Platform;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "steward-erase-"));
  state = makeStateDir();
  // Holds the servers, so that no command has to start them.
  platform = await openPlatform({ stateDir: state, groups: GROUPS });
  const input = writeCsv(folder, "purchases.csv", purchasesOf(CUSTOMERS, "1997-09-01"));
  const { code } = await steward("refresh", GROUP, "--input", input, "--as-of", "1997-10-01");
  expect(code).toBe(0);
}, 60_000);

afterAll(async () => {
  await platform.close();
  await removeStateDir(state);
  rmSync(folder, { recursive: true, force: true });
});

describe("steward erase, asked wrongly", () => {
  const file = (text: string | Buffer): string => {
    const path = join(folder, "subjects.txt");
    writeFileSync(path, text);
    return path;
  };

  it.for<readonly [what: string, args: () => readonly string[], line: RegExp]>([
    [
      "an entity that no group has",
      () => ["custmer", "00001", "--yes"],
      /there is no entity "custmer"; there are: customer, product, session$/,
    ],
    ["nobody", () => ["customer", "--yes"], /name the identifiers to erase, or give --file/],
    ["an empty identifier", () => ["customer", "00001", "", "--yes"], /identifier 2 of 2 is empty$/],
    [
      "an identifier that no store can hold",
      () => ["customer", "é".repeat(1_025), "--yes"],
      /identifier 1 of 1 is longer than 2048 bytes$/,
    ],
    [
      "an identifier with a control character",
      () => ["customer", "00001\u0007", "--yes"],
      /identifier 1 of 1 holds a control character$/,
    ],
    ["an empty key", () => ["customer", "00001", "--yes", "--key", ""], /key must have 1 to 256 characters$/],
    [
      "no --yes where nobody can be asked",
      () => ["customer", "00001"],
      /this erases 1 of customer for good: say --yes$/,
    ],
    [
      "a file that is not there",
      () => ["customer", "--file", join(folder, "none.txt"), "--yes"],
      /none\.txt does not exist$/,
    ],
    ["a folder as the file", () => ["customer", "--file", folder, "--yes"], /is a folder/],
    [
      "an empty file",
      () => ["customer", "--file", file(""), "--yes"],
      /subjects\.txt is empty: it needs identifiers, one a line$/,
    ],
    [
      "a file of blank lines",
      () => ["customer", "--file", file("\r\n \n"), "--yes"],
      /name at least one customer to erase$/,
    ],
    [
      "a file that is no text",
      () => ["customer", "--file", file(Buffer.from([0x61, 0x0a, 0xff, 0x0a])), "--yes"],
      /subjects\.txt: line 2 is not UTF-8$/,
    ],
    [
      "a bad identifier of a file, by its line",
      () => ["customer", "--file", file("a\n\na\nb\u0007\n"), "--yes"],
      /subjects\.txt: line 4 holds a control character$/,
    ],
  ])(
    "refuses %s with 2, in one line that repeats no identifier, and changes nothing",
    async ([, args, line]) => {
      const { code, stdout, stderr } = await steward("erase", ...args());

      expect(stderr.trimEnd()).toMatch(line);
      expect({ code, stdout, lines: stderr.trimEnd().split("\n").length }).toEqual({
        code: 2,
        stdout: "",
        lines: 1,
      });
      expect(stderr).not.toContain("00001");
      expect(await json("erasures")).toEqual([]);
    },
  );

  it("puts the refusal into the one document of --json", async () => {
    const { code, stdout } = await steward("erase", "custmer", "00001", "--yes", "--json");

    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      error: { name: "InvalidInputError", message: expect.stringContaining('there is no entity "custmer"') },
    });
  });

  it("asks on a terminal, and erases nobody at any answer but yes", async () => {
    const { code, text } = await onTerminal("n\n", "erase", "customer", "00001");

    expect(text).toContain("Erase 1 of customer from every copy, for good? [y/N]");
    expect(text).toContain("Nothing was erased.");
    expect(code).toBe(0);
    expect(await json("erasures")).toEqual([]);
  });

  it("does not know an erasure that was never asked for: 3", async () => {
    const { code, stderr } = await steward("erasure", "20261124t203301-7f3k2m9x");

    expect(code).toBe(3);
    expect(stderr).toMatch(
      /there is no erasure "20261124t203301-7f3k2m9x"; `steward erasures` lists them\n$/,
    );
    expect((await steward("erasures")).stdout).toBe("There are no erasures yet.\n");
  });
});

describe("steward erase --preview", () => {
  it("counts each subject of a file once, whatever ends its lines, says where they are, and changes nothing", async () => {
    const path = join(folder, "leavers.txt");
    writeFileSync(path, "\u{FEFF}00001\r\n00002\r\n\r\n00001\r\n00002");

    const preview = await json<{ subjects: number; groups: object[]; sources: object[] }>(
      "erase",
      "customer",
      "--file",
      path,
      "--preview",
    );

    expect(preview.subjects).toBe(2);
    expect(preview.groups).toContainEqual({
      name: GROUP,
      objects: 1,
      versions: 1,
      rows: 2,
      online: 2,
      hot: 2,
    });
    expect(preview.sources).toContainEqual({
      name: "purchases",
      objects: 1,
      versions: 1,
      rows: 2,
      setAsideRows: 0,
    });
    expect(await json("erasures")).toEqual([]);
    expect(await platform.ports.objects.list("evidence/")).toEqual([]);
    expect(await isSuppressed("00001")).toBe(false);
    expect(await exportRows(platform, customerPurchases, "hot")).toHaveLength(CUSTOMERS);
  });
});

describe("steward erase, asked twice", () => {
  let pair: readonly CommandResult[];
  let first: Erasure;

  beforeAll(async () => {
    const twice = ["erase", "customer", "00001", "--yes", "--json"];
    pair = await Promise.all([steward(...twice), steward(...twice)]);
    first = parse(pair[0]);
  }, ERASURE_MS);

  it("at once for one subject is one erasure, and both say the same", () => {
    expect(pair.map(({ code }) => code)).toEqual([0, 0]);
    expect(first).toEqual(parse(pair[1]));
    expect(first).toMatchObject({
      workflow: "erasure",
      group: "entity:customer",
      entity: "customer",
      outcome: "certified",
      counts: { subjects: 1, erased: 1, nothingFound: 0, newerKept: 0 },
      finishedAt: null,
    });
    expect(first.copies.filter(({ erased }) => erased > 0).map(({ copy, name }) => [copy, name])).toEqual([
      ["online", GROUP],
      ["hot", GROUP],
      ["offline", GROUP],
      ["event table", "purchases"],
    ]);
  });

  it("is listed and shown, with the certificate where it was said to lie", async () => {
    const { requestId, certificate, publicKey } = first;

    const [row] = await json<object[]>("erasures");
    const shown = await json<object>("erasure", requestId);

    const wanted = { requestId, entity: "customer", subjects: 1, state: "certified", outcome: "certified" };
    expect(row).toMatchObject({ ...wanted, finishedAt: null });
    expect(shown).toMatchObject({ ...wanted, certificate, publicKey, error: null });
    expect((await steward("erasures")).stdout).toContain(requestId);
    expect((await steward("erasure", requestId)).stdout).toContain(
      `\`steward certificate verify ${certificate}`,
    );
  });

  it("has a certificate that is valid as it stands, and not with one bit changed or by another key", async () => {
    const { certificate, publicKey } = first;
    const changed = join(folder, "changed.json");
    const bytes = readFileSync(certificate);
    const at = bytes.indexOf('"erased"');
    bytes[at + 1] = (bytes[at + 1] ?? 0) ^ 1;
    writeFileSync(changed, bytes);
    const other = join(folder, "other.pem");
    writeFileSync(other, aSigner().publicKeyPem);

    const verify = (...args: string[]) => steward("certificate", "verify", ...args);
    const chain = join(platform.folder.objects, "evidence");
    expect(await verify(certificate, "--key", publicKey, "--chain", chain)).toMatchObject({ code: 0 });
    const invalid = [await verify(changed, "--key", publicKey), await verify(certificate, "--key", other)];

    expect(invalid.map(({ code }) => code)).toEqual([1, 1]);
    expect(invalid.map(({ stdout }) => stdout)).toEqual([
      expect.stringMatching(/^Not valid: .*changed/),
      expect.stringMatching(/^Not valid: .*another key/),
    ]);
  });

  it(
    "by one key is one erasure, also once it is certified; without it a new one with a new T",
    async () => {
      const keyed = ["erase", "product", "nowhere", "--yes", "--key", "week 3"];
      const one = parse(await steward(...keyed, "--json"));
      const same = parse(await steward(...keyed, "--json"));
      const others = await steward("erase", "product", "elsewhere", "--yes", "--key", "week 3");
      const later = parse(await steward("erase", "product", "nowhere", "--yes", "--json"));

      expect(same).toEqual(one);
      expect(others.code).toBe(2);
      expect(others.stderr).toContain(
        `the idempotency key was given before, for other subjects (erasure ${one.requestId})`,
      );
      expect(later.requestId).not.toBe(one.requestId);
      expect(later.suppressedUntil > one.suppressedUntil).toBe(true);
    },
    ERASURE_MS,
  );

  it(
    "finds nothing of somebody who is nowhere: 0, suppressed all the same, and said where it looked",
    async () => {
      const { code, stdout } = await steward("erase", "customer", "nobody", "--yes");

      expect(code).toBe(0);
      expect(stdout).toMatch(/^Nothing found of 1 of customer in /);
      expect(stdout).toContain("1 not found anywhere, and suppressed all the same");
      for (const copy of [
        "online",
        "hot",
        "offline",
        "event table",
        "set-aside rows",
        "staging",
        "dead letters",
      ])
        expect(stdout).toMatch(new RegExp(`^  ${copy} `, "m"));
      expect(await isSuppressed("nobody")).toBe(true);
    },
    ERASURE_MS,
  );
});

describe("steward erase, disturbed", () => {
  it(
    "says at Ctrl-C what is durable, ends with 130, and is taken up by the same call",
    async () => {
      const running = startSteward(["erase", "customer", "00002", "--yes"], { state });
      await running.said(WAITS);

      running.child.kill("SIGINT");
      const { code, stderr } = await running.ended;
      const requestId = requestIn(stderr);
      const shown = await json("erasure", requestId);
      const again = parse(await steward("erase", "customer", "00002", "--yes", "--json"));

      expect(code).toBe(130);
      expect(stderr).toContain(
        `interrupted: run ${requestId} stands at "${WAITS}" and keeps what it did, \`steward resume ${requestId}\` continues it`,
      );
      expect(shown).toMatchObject({ state: "interrupted", certifiedAt: null });
      expect(again).toMatchObject({ requestId, outcome: "certified", counts: { erased: 1 } });
    },
    ERASURE_MS,
  );

  it(
    "is cancelled by another command, stays suppressed, and is resumed to its certificate",
    async () => {
      const running = startSteward(["erase", "customer", "00003", "--yes"], { state });
      await running.said(WAITS);
      const [open] = await json<{ requestId: string }[]>("erasures");
      const requestId = open?.requestId ?? "";

      // It stands still until it is cancelled: however slow the machine, it cannot be over before.
      running.child.kill("SIGSTOP");
      const cancelling = steward("cancel", requestId);
      const shown = await until("it is cancelled", async () => {
        const erasure = await json<{ state: string }>("erasure", requestId);
        return erasure.state === "cancelled" ? erasure : undefined;
      });
      running.child.kill("SIGCONT");
      const cancelled = await cancelling;
      const ended = await running.ended;
      const isStillSuppressed = await isSuppressed("00003");
      const resumed = await steward("resume", requestId, "--json");

      expect([cancelled.code, ended.code]).toEqual([0, 1]);
      expect(ended.stderr).toContain(`run ${requestId} was cancelled while it was at work`);
      expect(shown).toMatchObject({ state: "cancelled", certifiedAt: null });
      expect(isStillSuppressed).toBe(true);
      expect(parse(resumed)).toMatchObject({ requestId, outcome: "certified", counts: { erased: 1 } });
    },
    ERASURE_MS,
  );

  it(
    "names a file that cannot be written again, erases all others, and is certified once that is away",
    async () => {
      const { objects } = platform.ports;
      const { offlinePrefix } = await getPlace(platform.ports.ledger, GROUP);
      const key = `${offlinePrefix}data/year=1997/month=10/day=01/hour=00/19971001T000000Z_AbCdEfGhIjKlMnOp.parquet`;
      copyFileSync("test/data/parquet/int96.parquet", join(folder, "int96.parquet"));
      await objects.putFile(key, join(folder, "int96.parquet"));

      const refused = await steward("erase", "customer", "gone", "00004", "00005", "--yes");
      const requestId = requestIn(refused.stderr);
      const held = await Promise.all(
        (["hot", "online"] as const).map((store) => exportRows(platform, customerPurchases, store)),
      );
      const { sources } = await json<ErasurePreview>("erase", "customer", "00004", "00005", "--preview");
      await objects.removeVersions(await objects.listVersions(key));
      const offline = await exportRows(platform, customerPurchases, "offline");
      const shown = await json("erasure", requestId);
      const resumed = parse(await steward("resume", requestId, "--json"));

      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain(key);
      expect(refused.stderr).toMatch(/INT96/i);
      expect(refused.stderr).toContain(`\`steward resume ${requestId}\``);
      for (const rows of [...held, offline]) {
        const ids = rows.map(({ recordId }) => recordId);
        expect(ids).toContain("00006");
        expect(ids.filter((id) => id === "00004" || id === "00005")).toEqual([]);
      }
      expect(sources.map(({ rows }) => rows)).toEqual(sources.map(() => 0));
      expect(shown).toMatchObject({ state: "failed", certifiedAt: null, certificate: null });
      expect(resumed).toMatchObject({ requestId, outcome: "certified", counts: { subjects: 3, erased: 3 } });
    },
    ERASURE_MS,
  );

  it(
    "fails with 1 when Redis is gone in the middle, and is resumed to its certificate",
    async () => {
      const running = startSteward(["erase", "customer", "00006", "--yes"], { state });
      await running.said(WAITS);

      process.kill(platform.services.redis.pid ?? 0, "SIGKILL");
      const { code, stderr } = await running.ended;
      const requestId = requestIn(stderr);
      const resumed = parse(await steward("resume", requestId, "--json"));

      expect(code).toBe(1);
      expect(stderr).toContain(`\`steward resume ${requestId}\``);
      expect(resumed).toMatchObject({ requestId, outcome: "certified", counts: { erased: 1 } });
      expect((await steward("get", GROUP, "00006")).code).toBe(3);
      expect((await steward("get", GROUP, "00007")).code).toBe(0);
    },
    ERASURE_MS,
  );
});

function steward(...args: readonly string[]): Promise<CommandResult> {
  return runSteward(args, { state });
}

async function json<T = unknown>(...args: readonly string[]): Promise<T> {
  const { stdout } = await steward(...args, "--json", "--quiet");
  return JSON.parse(stdout) as T;
}

function parse(result: CommandResult | undefined): Erasure {
  if (result?.code !== 0) throw new Error(`it did not end well: ${result?.stderr}`);
  return JSON.parse(result.stdout) as Erasure;
}

function requestIn(text: string): string {
  return REQUEST.exec(text)?.[0] ?? "";
}

async function isSuppressed(recordId: string): Promise<boolean> {
  const pseudonym = platform.ports.pseudonymiser.pseudonym("customer", recordId);
  const partition = suppressionPartition("customer", tagOf(pseudonym));
  return (await platform.ports.ledger.find({ partition, sort: pseudonym })) !== undefined;
}

/** Types an answer where `steward` has a terminal. */
async function onTerminal(
  answer: string,
  ...args: readonly string[]
): Promise<{ code: number; text: string }> {
  const command = ["node_modules/.bin/node", "packages/cli/src/main.ts", ...args, "--state", state].join(" ");
  const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"]);
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (said: string) => {
    text += said;
    if (said.includes("[y/N]")) child.stdin.write(answer);
  });
  const [code] = await once(child, "close");
  return { code: code as number, text };
}
