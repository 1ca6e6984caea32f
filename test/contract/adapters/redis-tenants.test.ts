// Tenants on a real Redis, one server and a cluster, with the generated users: each reaches its own keys and no others.

import {
  OwnerConnections,
  RedisConnection,
  RedisHotStore,
  RedisPacer,
  wipeHotStore,
} from "@steward/adapters";
import { type HotStore, PACER_USER, tenantUsers, toEpochMs } from "@steward/core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { aFeatureGroup } from "../../support/builders.ts";
import { dumpRedis, startRedis } from "../../support/redis.ts";
import { callOn } from "../../support/redis-replicas.ts";
import {
  onTenantCluster,
  onTenantServer,
  type StartTenantRedis,
  type TenantRedis,
} from "../../support/redis-tenants.ts";
import { describeHotStore, type HotStoreHarness, keyed, pseudonymOf } from "../ports/hot-store.ts";
import { describeNamedRemoval } from "../ports/hot-store-named.ts";
import { describePacer } from "../ports/pacer.ts";

const KINDS = { "one server": onTenantServer, "a cluster": onTenantCluster };
const NOW_MS = toEpochMs(1_000_000);
/** Begins as ours does: a pattern that forgets the end of a name would reach it. */
const OTHER = "growth-eu";
const REFUSED = /^ReplyError: NOPERM /;

for (const [kind, start] of Object.entries(KINDS)) {
  describeHotStore(`RedisHotStore by its owners' writers on ${kind}`, () => harnessOf(start));
  describeNamedRemoval(`RedisHotStore by its owners' writers on ${kind}`, () => harnessOf(start));
  describePacer(`RedisPacer as its own user on ${kind}`, async () => {
    const redis = await start();
    const connection = await redis.connectAs(PACER_USER);
    return { open: () => new RedisPacer(connection), close: redis.stop };
  });
}

async function harnessOf(start: StartTenantRedis): Promise<HotStoreHarness> {
  const redis = await start();
  const connections = await redis.writers(["growth", "risk"]);
  return {
    open: (earlierVersions = []) => new RedisHotStore(connections, { earlierVersions }),
    flush: redis.flush,
    dump: () => dumpRedis(redis.urls),
    close: redis.stop,
  };
}

describe.each(Object.entries(KINDS))("tenants on %s", (_, start) => {
  const ours = aFeatureGroup({ owner: "growth" });
  const theirs = aFeatureGroup({ owner: OTHER });
  const ada = pseudonymOf("ada", "0a1");
  const fence = [{ pseudonym: ada, untilMs: toEpochMs(5_000) }];
  const valueKeyOf = (owner: string) => `${owner}:f:{0a1}${ada.slice(3)}:customer-orders`;
  const fencesOf = (owner: string) => `${owner}:x:{0a1}`;
  let redis: TenantRedis;
  let writer: RedisConnection;
  let reader: RedisConnection;
  /** Of both owners, each by its writer. */
  let store: HotStore;
  /** The writer and the reader of growth, let loose on whatever a caller names. */
  let asWriter: HotStore;
  let asReader: HotStore;

  beforeAll(async () => {
    redis = await start();
    writer = await redis.connectAs(tenantUsers("growth").writer);
    reader = await redis.connectAs(tenantUsers("growth").reader);
    store = new RedisHotStore(await redis.writers(["growth", OTHER]));
    asWriter = new RedisHotStore(writer);
    asReader = new RedisHotStore(reader);
  });
  beforeEach(async () => {
    await redis.flush();
    for (const group of [ours, theirs]) {
      await store.applyFences(group.owner, "0a1", [], []);
      await store.write(group, [keyed(ada, 1_000, 7)], NOW_MS);
    }
  });
  afterAll(() => redis.stop());

  const errorOf = (work: Promise<unknown>) =>
    work.then(
      () => "no error",
      (error: Error) => String(error),
    );
  const orders = async (from: HotStore, group = ours) =>
    (await from.read(group, [ada])).map((value) => value?.features.orders_30d);
  const call = (connection: RedisConnection, command: string, ...words: readonly string[]) =>
    connection.run((client) => client.call(command, [...words]));

  it("let the writer write and the reader read what is theirs", async () => {
    expect(await asWriter.write(ours, [keyed(ada, 2_000, 8)], NOW_MS)).toEqual(["written"]);

    expect([await orders(asWriter), await orders(asReader)]).toEqual([[8], [8]]);
  });

  it("refuse the writer what another owns: values, their reading, fences, removal, the guards' state", async () => {
    const before = await dumpRedis(redis.urls);

    const errors = await Promise.all(
      [
        asWriter.write(theirs, [keyed(ada, 2_000, 8)], NOW_MS),
        asWriter.read(theirs, [ada]),
        asWriter.applyFences(OTHER, "0a1", [theirs.name], fence),
        asWriter.removeNamed(theirs, "last_channel", fence),
        asWriter.listUnguarded(OTHER),
        wipeHotStore(writer, [OTHER]),
      ].map(errorOf),
    );

    expect(errors).toEqual(errors.map(() => expect.stringMatching(REFUSED)));
    expect(errors.join()).not.toContain(ada.slice(3, 20));
    expect(await dumpRedis(redis.urls)).toEqual(before);
  });

  it("refuse the writer another's keys inside a script too, named to the server or not", async () => {
    const read = "return redis.call('GET', KEYS[1] or ARGV[1])";

    const named = await errorOf(call(writer, "EVAL", read, "1", valueKeyOf(OTHER)));
    const unnamed = await errorOf(
      callOn(await nodeOf(valueKeyOf(OTHER)), "EVAL", read, "0", valueKeyOf(OTHER)),
    );
    const asUser = await errorOf(onNodeOf(writer, valueKeyOf(OTHER), "EVAL", read, "0", valueKeyOf(OTHER)));

    expect(named).toMatch(REFUSED);
    expect(unnamed).toBe("no error");
    expect(asUser).toMatch(/at least one of the keys|access a key|access one of the keys/);
  });

  it("let the reader read values alone: no other's, no fence, no name of a key", async () => {
    expect(await errorOf(asReader.read(theirs, [ada]))).toMatch(REFUSED);
    expect(await errorOf(call(reader, "GET", fencesOf("growth")))).toMatch(REFUSED);
    expect(await errorOf(call(reader, "HGETALL", fencesOf("growth")))).toMatch(REFUSED);
    expect(await errorOf(onNodeOf(reader, valueKeyOf("growth"), "SCAN", "0"))).toMatch(REFUSED);
  });

  it("refuse the reader every way of the adapter to change something, and a script that only reads", async () => {
    const before = await dumpRedis(redis.urls);

    const errors = await Promise.all(
      [
        asReader.write(ours, [keyed(ada, 2_000, 8)], NOW_MS),
        asReader.applyFences("growth", "0a1", [ours.name], fence),
        asReader.removeNamed(ours, "last_channel", fence),
        wipeHotStore(reader, ["growth"]),
        call(reader, "SET", valueKeyOf("growth"), "x"),
        call(reader, "UNLINK", valueKeyOf("growth")),
        call(reader, "EXPIRE", valueKeyOf("growth"), "1"),
        call(reader, "EVAL", "return redis.call('GET', KEYS[1])", "1", valueKeyOf("growth")),
      ].map(errorOf),
    );

    expect(errors).toEqual(errors.map(() => expect.stringMatching(REFUSED)));
    expect(await dumpRedis(redis.urls)).toEqual(before);
  });

  it("have no use for scripts as a reader: a script that names a read-only key is refused, even one that only reads", async () => {
    const { name, accessString } = tenantUsers("growth").reader;
    const scripted = await redis.connectAs({
      name: `${name}-scripted`,
      accessString: `${accessString} +eval`,
    });
    const key = valueKeyOf("growth");
    const read = "return redis.call('GET', KEYS[1])";

    expect(await errorOf(call(scripted, "GET", key))).toBe("no error");
    expect(await errorOf(call(scripted, "EVAL", read, "1", key))).toMatch(REFUSED);
    expect(await errorOf(call(writer, "EVAL", read, "1", key))).toBe("no error");
  });

  it("keep the pace apart: its user reaches no tenant, even one that is called so, and no tenant the pace", async () => {
    const pacer = await redis.connectAs(PACER_USER);
    const paceOwner = await redis.connectAs(tenantUsers("pace").writer);
    await new RedisPacer(pacer).reserve("growth:customer-orders", 1, 10);

    const errors = [
      await errorOf(new RedisPacer(writer).reserve("growth:customer-orders", 1, 10)),
      await errorOf(new RedisPacer(paceOwner).reserve("growth:customer-orders", 1, 10)),
      await errorOf(call(pacer, "LRANGE", fencesOf("pace"), "0", "-1")),
      await errorOf(call(pacer, "LRANGE", fencesOf("growth"), "0", "-1")),
    ];

    expect(errors).toEqual(errors.map(() => expect.stringMatching(REFUSED)));
  });

  it("see of one another, by the writer's SCAN, the names of keys and no values", async () => {
    const names = await onNodeOf(writer, valueKeyOf(OTHER), "SCAN", "0", "MATCH", `${OTHER}:*`);

    expect(names).toEqual(["0", expect.arrayContaining([valueKeyOf(OTHER)])]);
    expect(await errorOf(call(writer, "GET", valueKeyOf(OTHER)))).toMatch(REFUSED);
  });

  /** The server that has the key. */
  async function nodeOf(key: string) {
    for (const node of redis.nodes) if ((await callOn<string[]>(node, "KEYS", key)).length > 0) return node;
    throw new Error("no node has the key");
  }

  /** A call without keys, as the connection's user, on the server that has the key. */
  async function onNodeOf(connection: RedisConnection, key: string, command: string, ...words: string[]) {
    const { port } = await nodeOf(key);
    const masters = await connection.masters();
    const node = masters.find(({ options }) => options.port === port);
    return connection.run(async () => node?.call(command, words));
  }
});

describe("OwnerConnections", () => {
  it("keep an owner with a cluster of its own apart, and ask every cluster for its life", async () => {
    const [shared, dedicated] = [await startRedis(), await startRedis()];
    const opened: string[] = [];
    const connections = new OwnerConnections({
      owners: ["growth", "risk", "ads"],
      placeOf: (owner) => (owner === "risk" ? "dedicated" : "shared"),
      open: (owner) => {
        opened.push(owner);
        return new RedisConnection({ kind: "server", url: (owner === "risk" ? dedicated : shared).url });
      },
    });
    const store = new RedisHotStore(connections);
    const ada = pseudonymOf("ada", "0a1");

    for (const owner of ["ads", "risk"]) {
      await store.applyFences(owner, "0a1", [], []);
      await store.write(aFeatureGroup({ owner }), [keyed(ada, 1_000)], NOW_MS);
    }
    const lives = (await store.incarnation()).split(" ");
    const keys = await Promise.all(
      [shared, dedicated].map((server) => callOn<string[]>(server, "KEYS", "*:f:*")),
    );
    const stray = await store.listUnguarded("stray").catch((error: Error) => error);
    connections.close();
    await Promise.all([shared.stop(), dedicated.stop()]);

    expect(keys.flat().map((key) => key.split(":")[0])).toEqual(["ads", "risk"]);
    expect(new Set(lives).size).toBe(2);
    expect(opened).toEqual(["ads", "risk"]);
    expect(stray).toMatchObject({ name: "NotFoundError" });
  });
});
