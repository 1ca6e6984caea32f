// The stream on the command line: events put, taken in, listed where they broke a rule, replayed and rebuilt.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeStateDir, removeStateDir } from "../support/platform.ts";
import { runSteward, startSteward, stewardJson } from "../support/steward-command.ts";

const GROUP = "customer-activity";
const ROOT = resolve(import.meta.dirname, "../..");
const STORES = ["hot", "online", "offline"] as const;

let folder: string;
let state: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "steward-cli-stream-"));
  state = makeStateDir();
  file = join(folder, "activity.jsonl");
  const node = join(ROOT, "node_modules/.bin/node");
  const generator = join(ROOT, "features/generate-activity.ts");
  const { stdout } = spawnSync(node, [generator, "--events", "600", "--customers", "50"], {
    encoding: "utf8",
  });
  writeFileSync(file, stdout);
});

afterAll(async () => {
  await removeStateDir(state);
  rmSync(folder, { recursive: true, force: true });
});

const steward = (...args: readonly string[]) => runSteward([...args, "--quiet"], { state });

async function exported(store: string): Promise<string> {
  return (await steward("export", GROUP, "--store", store)).stdout;
}

async function throttle(url: string, throttleRate: number): Promise<void> {
  const body = JSON.stringify({ throttleRate });
  expect((await fetch(new URL("/_steward/faults", url), { method: "PUT", body })).status).toBe(200);
}

describe("steward put", { timeout: 180_000 }, () => {
  it("says how to begin where nothing was put yet", async () => {
    const { code, stderr } = await steward("get", GROUP, "0000001");

    expect(code).toBe(3);
    expect(stderr).toContain(`\`steward put ${GROUP} --file FILE\``);
  });

  it("returns once the events are in the stores, and the next command finds them offline as well", async () => {
    const { code, stdout } = await steward("put", GROUP, "--file", file);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^600 events put on the stream of customer-activity and taken in: 600 written/);
    const [hot, online, offline] = [
      await exported("hot"),
      await exported("online"),
      await exported("offline"),
    ];
    expect(hot.split("\n").length).toBeGreaterThan(30);
    expect(online).toBe(hot);
    expect(offline).toBe(hot);
  });

  it("changes nothing when the same events come again", async () => {
    const before = await exported("hot");

    const { taken } = await stewardJson<{ taken: object }>(["put", GROUP, "--file", file], { state });

    expect(taken).toMatchObject({ read: 600, setAside: 0 });
    for (const store of STORES) expect(await exported(store)).toBe(before);
  });

  it("counts and lists what it set aside, without a value of it", async () => {
    const bad = join(folder, "bad.jsonl");
    writeFileSync(bad, 'sekret-line\n\n{"customer_id":"sekret-id","seen_at":"2026-01-01","page":1}\n');

    const put = await steward("put", GROUP, "--file", bad);
    const listed = await steward("stream", GROUP);

    expect(put.stdout).toContain(
      "2 events put on the stream of customer-activity and taken in: 0 written, 2 set aside.",
    );
    expect(listed.stdout).toMatch(/ - +encoding/);
    expect(listed.stdout).toMatch(/ page +type/);
    for (const { stdout, stderr } of [put, listed]) expect(stdout + stderr).not.toContain("sekret");
  });

  it("refuses a line that no event may be as long as, and says where it stopped", async () => {
    const long = join(folder, "long.jsonl");
    writeFileSync(long, `{}\n${"x".repeat(1_100_000)}\n{}\n`);

    const { code, stderr } = await steward("put", GROUP, "--file", long, "--no-wait");

    expect(code).toBe(2);
    expect(stderr).toContain("line 2 has more than 1 MiB");
  });

  it("fails, with the events kept, when a store takes nothing in", async () => {
    const up = startSteward(["up", "--quiet"], { state });
    await up.said("Steward is up");
    const { featureStore } = await stewardJson<{ featureStore: { url: string } }>(["status"], { state });
    await throttle(featureStore.url, 1);

    const stalled = await steward("put", GROUP, "--file", file);
    await throttle(featureStore.url, 0);
    up.child.kill("SIGTERM");
    await up.ended;
    const later = await steward("put", GROUP, "--file", file);

    expect(stalled.code).toBe(1);
    expect(stalled.stderr).toContain(
      "the events are on the stream of customer-activity, and a store takes none",
    );
    expect(later.stdout).toMatch(/^600 events put .* taken in: \d+ written/);
    expect((await steward("stream", GROUP)).stdout).toMatch(/nothing\n.*nothing/);
  });

  it("leaves it to `steward up` to take the events in where it is told not to wait", async () => {
    const up = startSteward(["up", "--quiet"], { state });
    await up.said("Steward is up");
    const { counts } = await stewardJson<{ counts: { read: number } }>(["stream", GROUP], { state });

    await steward("put", GROUP, "--file", file, "--no-wait");

    await expect
      .poll(
        async () =>
          (await stewardJson<{ counts: { read: number } }>(["stream", GROUP], { state })).counts.read,
        {
          timeout: 20_000,
        },
      )
      .toBe(counts.read + 600);
    up.child.kill("SIGTERM");
    expect((await up.ended).code).toBe(0);
  });
});

describe("steward replay and rebuild", { timeout: 180_000 }, () => {
  it("bring back what a drill has lost, and say what they did", async () => {
    const before = await exported("hot");
    await steward("wipe", "--store", "hot", "--yes");
    const replayed = await steward("replay", GROUP, "--from", "oldest");
    const afterReplay = await exported("hot");
    await steward("wipe", "--store", "hot", "--yes");
    await steward("wipe", "--store", "online", "--yes");
    const rebuilt = await steward("rebuild", GROUP);

    expect(replayed.code).toBe(0);
    expect(replayed.stdout).toContain("from the oldest that the stream has on");
    expect(afterReplay).toBe(before);
    expect(rebuilt.code).toBe(0);
    expect(rebuilt.stdout).toContain("of the stream again, to come up to now");
    for (const store of STORES) expect(await exported(store)).toBe(before);
  });

  it("says in one plain line what the stream no longer has, and lists the run like any other", async () => {
    const { code, stdout } = await steward("replay", GROUP, "--from", "2020-01-01");
    const runs = await stewardJson<readonly { workflow: string; state: string }[]>(["runs"], { state });

    expect(code).toBe(0);
    expect(stdout).toMatch(
      /The stream keeps what arrived since 20\d\d-\S+Z: what came before it was not read;/,
    );
    expect(runs[0]).toMatchObject({ workflow: "replay", state: "succeeded" });
  });

  it("refuses to refresh the group, and says what feeds it", async () => {
    const { code, stderr } = await steward("refresh", GROUP);

    expect(code).toBe(2);
    expect(stderr).toContain('group "customer-activity" is fed by a stream');
  });
});
