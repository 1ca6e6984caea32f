// The hot store on one real server and on a real cluster of three; and what only Redis has: keys, bytes, lives, outages.

import { RedisConnection, RedisHotStore } from "@steward/adapters";
import { toEpochMs } from "@steward/core";
import type { Cluster, Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RedisClient } from "../../../packages/adapters/src/hot/redis-connection.ts";
import { aFeatureGroup, aRecord } from "../../support/builders.ts";
import {
  dumpRedis,
  plainClient,
  startRedis,
  startRedisCluster,
  type TestRedis,
} from "../../support/redis.ts";
import { describeHotStore, guard, type HotStoreHarness, keyed, pseudonymOf } from "../ports/hot-store.ts";
import { describeNamedRemoval } from "../ports/hot-store-named.ts";

const KINDS = { "RedisHotStore on one server": onServer, "RedisHotStore on a cluster": onCluster };
for (const [kind, start] of Object.entries(KINDS)) {
  describeHotStore(kind, start);
  describeNamedRemoval(kind, start);
}

async function onServer(): Promise<HotStoreHarness> {
  const server = await startRedis();
  return harnessOn(new RedisConnection({ kind: "server", url: server.url }), [server.url], server.stop);
}

async function onCluster(): Promise<HotStoreHarness> {
  const cluster = await startRedisCluster();
  return harnessOn(new RedisConnection({ kind: "cluster", urls: cluster.urls }), cluster.urls, cluster.stop);
}

function harnessOn(
  connection: RedisConnection,
  urls: readonly string[],
  stop: () => Promise<void>,
): HotStoreHarness {
  return {
    open: (earlierVersions = []) => new RedisHotStore(connection, { earlierVersions }),
    flush: async () => {
      for (const node of await connection.masters()) await node.flushall();
    },
    dump: () => dumpRedis(urls),
    close: async () => {
      connection.close();
      await stop();
    },
  };
}

describe("RedisHotStore", () => {
  const group = aFeatureGroup({ ttl: "30 days" });
  const nowMs = toEpochMs(1_000_000_000_000);
  const dayMs = 86_400_000;
  const ada = `0a1${"b".repeat(61)}`;
  /** The masters are listed, one is scanned, its values are read: the third call. */
  const READING_CALL = 3;
  let server: TestRedis;
  let connection: RedisConnection;
  let store: RedisHotStore;
  let plain: Redis | Cluster;

  beforeAll(async () => {
    server = await startRedis();
    plain = plainClient([server.url]);
  });
  beforeEach(async () => {
    await plain.flushall();
    connection = new RedisConnection({ kind: "server", url: server.url });
    store = new RedisHotStore(connection);
    await guard(store, [ada]);
  });
  afterAll(async () => {
    plain.disconnect();
    connection.close();
    await server.stop();
  });

  it("puts values, and a hash of fences and guard, under the owner, in the slot of the tag", async () => {
    await store.write(group, [keyed(ada, nowMs)], nowMs);
    await store.applyFences("growth", "0a1", [], [{ pseudonym: ada, untilMs: toEpochMs(1) }]);

    expect((await plain.keys("*")).sort()).toEqual([
      `growth:f:{0a1}${"b".repeat(61)}:customer-orders`,
      "growth:x:{0a1}",
    ]);
    expect((await plain.hkeys("growth:x:{0a1}")).sort()).toEqual(["b".repeat(61), "life"]);
  });

  it("writes event time, marker, fingerprint and payload", async () => {
    await store.write(group, [keyed(ada, 258, 3)], toEpochMs(258));

    const bytes = await plain.getBuffer(`growth:f:{0a1}${"b".repeat(61)}:customer-orders`);

    expect(bytes?.subarray(0, 10).toString("hex")).toBe("0000000000000102c301");
    expect(bytes?.subarray(18).toString("hex")).toBe("0000000206");
  });

  it("lets a value live to event time and ttl and at most a tenth more, fences and guard for ever", async () => {
    const subjects = Array.from({ length: 50 }, (_, index) => pseudonymOf(`subject ${index}`, "0a1"));
    await store.write(
      group,
      subjects.map((subject) => keyed(subject, nowMs - 10 * dayMs)),
      nowMs,
    );
    await store.applyFences("growth", "0a1", [], [{ pseudonym: ada, untilMs: toEpochMs(1) }]);

    const lives = await Promise.all(subjects.map((subject) => lifeOf(subject)));

    expect(Math.min(...lives)).toBeGreaterThan(20 * dayMs - 60_000);
    expect(Math.max(...lives)).toBeLessThanOrEqual(23 * dayMs);
    expect(new Set(lives.map((life) => Math.floor(life / 60_000))).size).toBeGreaterThan(40);
    expect(await plain.pttl("growth:x:{0a1}")).toBe(-1);
  });

  it("does not prolong a value's life by writing it again", async () => {
    await store.write(group, [keyed(ada, nowMs)], nowMs);
    const firstMs = await lifeOf(ada);

    const outcomes = await store.write(group, [keyed(ada, nowMs)], toEpochMs(nowMs + dayMs));

    expect(outcomes).toEqual(["written"]);
    expect(firstMs - (await lifeOf(ada))).toBeGreaterThan(dayMs - 60_000);
    expect(firstMs - (await lifeOf(ada))).toBeLessThan(dayMs + 60_000);
  });

  it("gives a value of a group without ttl no life's end", async () => {
    await store.write(aFeatureGroup(), [keyed(ada, nowMs)], nowMs);

    expect(await lifeOf(ada)).toBe(-1);
  });

  it("removes bytes that are no hot value when a fence comes, and writes over them", async () => {
    const key = `growth:f:{0a1}${ada.slice(3)}:customer-orders`;
    await plain.set(key, "short");
    expect(await store.write(group, [keyed(ada, nowMs)], nowMs)).toEqual(["written"]);

    await plain.set(key, "short");
    await store.applyFences("growth", "0a1", [group.name], [{ pseudonym: ada, untilMs: toEpochMs(1) }]);

    expect(await plain.exists(key)).toBe(0);
  });

  it("runs its scripts on a server that has forgotten them", async () => {
    await store.write(group, [keyed(ada, nowMs)], nowMs);
    await plain.script("FLUSH");

    expect(await store.write(group, [keyed(ada, nowMs + 1)], nowMs)).toEqual(["written"]);
  });

  it("removes no value that was written after the one that names the subject was read", async () => {
    const cleo = pseudonymOf("cleo", "0a1");
    const session = (channel: string, eventTimeMs: number) => ({
      pseudonym: ada,
      record: aRecord({ eventTimeMs, features: { last_channel: channel } }),
    });
    await store.write(group, [session(cleo, nowMs)], nowMs);
    class Overtaken extends RedisConnection {
      #runs = 0;
      override async run<T>(work: (client: RedisClient) => Promise<T>): Promise<T> {
        const result = await super.run(work);
        this.#runs += 1;
        if (this.#runs === READING_CALL) await store.write(group, [session("another", nowMs + 1)], nowMs);
        return result;
      }
    }
    const overtaken = new Overtaken({ kind: "server", url: server.url });

    const removal = await new RedisHotStore(overtaken).removeNamed(group, "last_channel", [
      { pseudonym: cleo, untilMs: nowMs },
    ]);
    overtaken.close();

    expect(removal).toEqual({ lookedAt: 1, removed: 0, newerKept: 0 });
    expect((await store.read(group, [ada]))[0]?.features.last_channel).toBe("another");
  });

  it("names no key, argument or value in the error of a refused call", async () => {
    await plain.config("SET", "maxmemory", "1");
    const failure = await store.write(group, [keyed(ada, nowMs)], nowMs).catch((error: Error) => error);
    await plain.config("SET", "maxmemory", "0");

    expect(failure).toMatchObject({ name: "UnavailableError", retryable: true });
    expect(everythingIn(failure)).not.toContain(ada.slice(3, 20));
  });

  it("passes on an error of Redis that asking again does not mend, without the command that met it", async () => {
    await plain.call("ACL", "SETUSER", "reader", "on", ">secret", "~*", "+@all", "-mget");
    const reader = new RedisConnection({ kind: "server", url: server.url.replace("//", "//reader:secret@") });

    const failure = await new RedisHotStore(reader).read(group, [ada]).catch((error: Error) => error);
    reader.close();

    expect(String(failure)).toContain("NOPERM");
    expect(failure).not.toMatchObject({ name: "UnavailableError" });
    expect(everythingIn(failure)).not.toContain(ada.slice(3, 20));
  });

  async function lifeOf(pseudonym: string): Promise<number> {
    return plain.pttl(`growth:f:{0a1}${pseudonym.slice(3)}:customer-orders`);
  }
});

describe("RedisConnection", () => {
  const group = aFeatureGroup();
  const subjects = Array.from({ length: 60 }, (_, index) => pseudonymOf(`subject ${index}`));
  const records = subjects.map((subject) => keyed(subject, 1_000));

  it("is unavailable, within seconds, without a server, and works once there is one", async () => {
    const server = await startRedis();
    await server.stop();
    const connection = new RedisConnection({ kind: "server", url: server.url });
    const store = new RedisHotStore(connection);

    const startedMs = performance.now();
    await expect(store.read(group, subjects)).rejects.toMatchObject({ name: "UnavailableError" });
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    const again = await startRedis({ port: server.port });

    expect(await eventually(() => store.read(group, subjects.slice(0, 1)))).toEqual([undefined]);
    connection.close();
    await again.stop();
  });

  it("is unavailable when a node of the cluster is gone, and when all are", async () => {
    const cluster = await startRedisCluster();
    const connection = new RedisConnection({ kind: "cluster", urls: cluster.urls });
    const store = new RedisHotStore(connection);
    await guard(store, subjects);

    await cluster.nodes[0]?.stop();
    const one = await store.write(group, records, toEpochMs(1_000)).catch((error: Error) => error);
    await cluster.stop();
    const all = await store.write(group, records, toEpochMs(1_000)).catch((error: Error) => error);
    connection.close();

    expect([one, all]).toMatchObject([{ name: "UnavailableError" }, { name: "UnavailableError" }]);
    expect(everythingIn([one, all])).not.toContain(subjects[0]?.slice(3, 20));
  });
});

/** All of an error: message, stack, causes, and what hangs on it. */
function everythingIn(value: unknown, depth = 6): string {
  if (typeof value !== "object" || value === null || depth === 0) return String(value);
  return Reflect.ownKeys(value)
    .map((key) => `${String(key)} ${everythingIn(Reflect.get(value, key), depth - 1)}`)
    .join("\n");
}

async function eventually<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 10) throw error;
    }
  }
}
