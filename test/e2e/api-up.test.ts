// Who serves the API of a state folder: the first `steward up`, and another once that one is gone, at the same address.

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestApi } from "../support/api.ts";
import { makeStateDir, openTestPlatform, removeStateDir } from "../support/platform.ts";
import { type RunningCommand, startSteward, stewardJson } from "../support/steward-command.ts";
import { until } from "../support/until.ts";

let state: string;
let first: RunningCommand;
let second: RunningCommand;

const status = () =>
  stewardJson<{ api: { running: boolean; url: string; pid: number } }>(["status"], { state });

async function begin(): Promise<RunningCommand> {
  const up = startSteward(["up"], { state });
  await up.said("Ctrl-C");
  return up;
}

beforeAll(async () => {
  state = makeStateDir();
  first = await begin();
  second = await begin();
});

afterAll(async () => {
  for (const { child } of [first, second]) child.kill("SIGKILL");
  await Promise.all([first.ended, second.ended]);
  await removeStateDir(state);
});

describe("two `steward up` on one folder", () => {
  it("serve one API; its token is its owner's alone", async () => {
    const { api } = await status();

    expect(api).toMatchObject({ running: true, pid: first.child.pid });
    expect(readFileSync(join(state, "api-url"), "utf8").trim()).toBe(api.url);
    expect(statSync(join(state, "api-token")).mode & 0o777).toBe(0o600);
    const token = readFileSync(join(state, "api-token"), "utf8").trim();
    expect(JSON.stringify(await status())).not.toContain(token);
  });

  it("do not stand still while another command has the lock on the servers", async () => {
    const { url } = (await status()).api;
    const platform = await openTestPlatform(state);
    const lock = new DatabaseSync(platform.folder.services);
    lock.exec("BEGIN IMMEDIATE");

    try {
      expect(await platform.startApi()).toBe(url);
    } finally {
      lock.exec("ROLLBACK");
      lock.close();
      await platform.close();
    }
  });

  it("serve it on at the same address when the first is killed", async () => {
    const { url } = (await status()).api;
    const api = new TestApi(url, state);
    expect((await api.ask("/groups")).status).toBe(200);
    first.child.kill("SIGKILL");
    await first.ended;

    await until("the second serves it", async () => (await status()).api.pid === second.child.pid);

    expect((await status()).api.url).toBe(url);
    expect((await api.ask("/groups")).status).toBe(200);
  });

  it("say that none serves it once both are gone", async () => {
    second.child.kill("SIGINT");
    await second.ended;

    expect((await status()).api).toEqual({ running: false, url: null, pid: null });
  });
});
