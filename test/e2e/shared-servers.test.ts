import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { identifyProcess } from "@steward/adapters";
import { describeServices, type Services } from "@steward/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { removeStateDir } from "../support/platform.ts";
import { purchasesOf, writeCsv } from "../support/purchase-files.ts";
import { runSteward } from "../support/steward-command.ts";
import { until } from "../support/until.ts";

const GROUP = "customer-purchases";

/** A process that uses the state folder. */
interface User {
  readonly child: ChildProcess;
  readonly services: Services;
  /** Says a line and resolves to its answer. */
  ask(line: string): Promise<string>;
}

let folder: string;
let state: string;
const users: User[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "steward-shared-"));
  state = join(folder, "state");
});

afterEach(async () => {
  for (const { child } of users.splice(0)) child.kill("SIGKILL");
  await removeStateDir(state);
  rmSync(folder, { recursive: true, force: true });
});

describe("two processes that open one new state folder at once", () => {
  it("have the same servers, and the last one to leave stops them", async () => {
    const [first, second] = await Promise.all([use(), use()]);

    expect(first.services.redis).toEqual(second.services.redis);
    expect(first.services.featureStore).toEqual(second.services.featureStore);
    expect(first.services.redis).toMatchObject({ owned: true });

    await leave(first);
    const whileOneStays = await describeServices(state);
    await leave(second);
    const afterwards = await describeServices(state);

    expect(whileOneStays).toMatchObject([
      { name: "redis", running: true, users: [second.child.pid] },
      { name: "feature-store", running: true, users: [second.child.pid] },
    ]);
    expect(afterwards).toMatchObject([
      { name: "redis", running: false, users: [] },
      { name: "feature-store", running: false, users: [] },
    ]);
    for (const { pid } of [first.services.redis, first.services.featureStore])
      expect(isRunning(pid)).toBe(false);
  });

  it("do not need each other: when one is killed, the other works on and stops the servers when it leaves", async () => {
    const [first, second] = await Promise.all([use(), use()]);
    await appendPurchases();

    first.child.kill("SIGKILL");
    await once(first.child, "exit");
    const run = JSON.parse(await second.ask("1997-10-02"));
    await leave(second);

    expect(run).toEqual({ status: "succeeded", error: null });
    expect((await describeServices(state)).map(({ running }) => running)).toEqual([false, false]);
  });

  it("get a server again where it was, once a process opens the folder after its death", async () => {
    const first = await use();
    await appendPurchases();
    process.kill(first.services.redis.pid ?? 0, "SIGKILL");
    process.kill(first.services.featureStore.pid ?? 0, "SIGKILL");
    await until(
      "the servers are gone",
      () => !isRunning(first.services.redis.pid) && !isRunning(first.services.featureStore.pid),
    );

    const second = await use();
    const run = JSON.parse(await first.ask("1997-10-02"));

    expect(second.services.redis.url).toBe(first.services.redis.url);
    expect(second.services.featureStore.url).toBe(first.services.featureStore.url);
    expect(second.services.redis.pid).not.toBe(first.services.redis.pid);
    expect(run).toEqual({ status: "succeeded", error: null });
  });

  it("leave the servers to a command that is still at work", async () => {
    const first = await use();
    const input = writeCsv(folder, "purchases.csv", purchasesOf(20, "1997-09-01"));
    const [command] = await Promise.all([
      runSteward(["refresh", GROUP, "--input", input, "--as-of", "1997-10-01", "--pace", "10", "--json"], {
        state,
      }),
      until(
        "the command uses the servers",
        async () => (await describeServices(state))[0]?.users.length === 2,
      ).then(() => leave(first)),
    ]);

    expect(command.code).toBe(0);
    expect(JSON.parse(command.stdout)).toMatchObject({ outcome: "succeeded", counts: { written: 20 } });
    expect((await describeServices(state)).map(({ running }) => running)).toEqual([false, false]);
  });
});

async function use(): Promise<User> {
  const child = spawn("node_modules/.bin/node", ["test/support/hold-platform.ts", state], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => String((await lines.next()).value);
  const user = {
    child,
    services: JSON.parse(await next()) as Services,
    ask: (line: string) => {
      child.stdin.write(`${line}\n`);
      return next();
    },
  };
  users.push(user);
  return user;
}

async function leave({ child, ask }: User): Promise<void> {
  const ended = once(child, "exit");
  expect(await ask("leave")).toBe("left");
  await ended;
}

/** As of 1997-10-01, so that a later as-of finds events. */
async function appendPurchases(): Promise<void> {
  const input = writeCsv(folder, "purchases.csv", purchasesOf(20, "1997-09-01"));
  const { code } = await runSteward(["refresh", GROUP, "--input", input, "--as-of", "1997-10-01"], { state });
  expect(code).toBe(0);
}

/** A server that was stopped and waits for whoever inherited it to notice (a zombie) runs no more. */
function isRunning(pid: number | undefined): boolean {
  return pid !== undefined && identifyProcess(pid) !== undefined;
}
