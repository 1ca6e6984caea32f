// The commands of the generated users against what a real cluster saw: every one granted is sent, and no other is allowed.

import { RedisConnection, RedisHotStore, RedisPacer, wipeHotStore } from "@steward/adapters";
import { type HotUser, PACER_USER, tenantUsers, toEpochMs } from "@steward/core";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aFeatureGroup, aRecord } from "../../support/builders.ts";
import { startRedisCluster, type TestRedis, type TestRedisCluster } from "../../support/redis.ts";
import { callOn, startClusterReplica, type TestReplica } from "../../support/redis-replicas.ts";
import { createUser, passwordUrl } from "../../support/redis-tenants.ts";
import { until } from "../../support/until.ts";
import { keyed, pseudonymOf } from "../ports/hot-store.ts";

const group = aFeatureGroup({ owner: "growth" });
const lasting = aFeatureGroup({ owner: "growth", name: "customer-visits", ttl: "30 days" });
const NOW_MS = toEpochMs(1_000_000);
const { reader, writer } = tenantUsers("growth");

/** The server lets everyone send these, whatever the rules say. */
const FREE = ["auth", "hello", "quit", "reset"];
/** For clients other than ours. */
const FOR_OTHER_CLIENTS = ["cluster|shards", "command"];

let cluster: TestRedisCluster;
let replica: TestReplica;
let nodes: readonly TestRedis[];

beforeAll(async () => {
  cluster = await startRedisCluster();
  const [first = fail()] = cluster.nodes;
  replica = await startClusterReplica(cluster, first);
  nodes = [...cluster.nodes, replica];
  for (const user of [reader, writer, PACER_USER]) await createUser(nodes, user);
});
afterAll(async () => {
  await replica.stop();
  await cluster.stop();
});

describe("the commands of the generated users", () => {
  it("are, for the writer, exactly those that the hot store's adapter sends, a failover included", async () => {
    const seen = await commandsSeen(async (sofar) => {
      const connection = connectAs(writer);
      await useAll(connection);
      // How soon a client hears of a failover is a matter of chance.
      await until("nodes are told which side they are on", async () => {
        await replica.promote();
        await until("the adapter writes to the new master", () => writesTo(connection));
        await replica.giveBack();
        await until("and to the first one again", () => writesTo(connection));
        return sofar.has("readonly") && sofar.has("readwrite");
      });
      connection.close();
    });

    expect(seen).toEqual(grantedBy(writer));
  });

  it("are, for the pacer, exactly those that it sends, but for what a failover alone brings about", async () => {
    const seen = await commandsSeen(async () => {
      const connection = connectAs(PACER_USER);
      const pacer = new RedisPacer(connection);
      for (let count = 0; count < 400; count += 1) await pacer.reserve("growth:orders", 1, 1_000);
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      for (let count = 0; count < 3; count += 1) await pacer.reserve("growth:orders", 1_000, 1_000);
      connection.close();
    });

    expect(new Set([...seen, "readonly", "readwrite"])).toEqual(new Set(grantedBy(PACER_USER)));
  });

  it("are, for the reader, what reading sends, and what clients of other makers send to find the nodes", async () => {
    const seen = await commandsSeen(async () => {
      const connection = connectAs(reader);
      const store = new RedisHotStore(connection);
      await store.read(group, [pseudonymOf("ada"), pseudonymOf("bea")]);
      await connection.run((client) => client.get(`growth:f:{0a1}${"b".repeat(61)}:customer-orders`));
      await connection.masters();
      connection.close();
    });

    expect(new Set([...seen, "readonly", "readwrite", ...FOR_OTHER_CLIENTS])).toEqual(
      new Set(grantedBy(reader)),
    );
  });

  it.each([reader, writer, PACER_USER])("are all that the server lets $name send", async (user) => {
    const all = await commandsOf(nodes[0] ?? fail());

    const allowed = [];
    for (const command of all)
      if (!(await isRefused(nodes[0] ?? fail(), user, command))) allowed.push(command.name);

    expect(all.length).toBeGreaterThan(300);
    expect(allowed.filter((name) => !FREE.includes(name)).sort()).toEqual(
      all
        .map(({ name }) => name)
        .filter((name) =>
          grantedBy(user).some((granted) => name === granted || name.startsWith(`${granted}|`)),
        )
        .sort(),
    );
  });
});

/** Each call of the hot store, in each of its ways. */
async function useAll(connection: RedisConnection): Promise<void> {
  const store = new RedisHotStore(connection);
  const named = pseudonymOf("named");
  const subjects = Array.from({ length: 40 }, (_, index) => pseudonymOf(`subject ${index}`));
  for (const tag of new Set([...subjects, named].map((each) => each.slice(0, 3))))
    await store.applyFences("growth", tag, [], []);
  const records = subjects.map((subject) => ({
    pseudonym: subject,
    record: aRecord({ features: { last_channel: named } }),
  }));
  await store.write(group, records, NOW_MS);
  await store.write(lasting, [keyed(named, NOW_MS)], NOW_MS);
  await store.applyFences(
    "growth",
    named.slice(0, 3),
    [group.name, lasting.name],
    [{ pseudonym: named, untilMs: NOW_MS }],
  );
  await store.write(group, [keyed(named, NOW_MS + 1)], NOW_MS);
  await store.read(group, subjects);
  for await (const _ of store.scan(group));
  await store.removeNamed(group, "last_channel", [{ pseudonym: named, untilMs: NOW_MS }]);
  await store.listUnguarded("growth");
  await store.incarnation();
  await wipeHotStore(connection, ["growth"]);
}

async function writesTo(connection: RedisConnection): Promise<boolean> {
  try {
    await useAll(connection);
    return true;
  } catch {
    return false;
  }
}

/** Names, a part of a command after `|`, of all that the nodes were sent meanwhile, from clients and from scripts. */
async function commandsSeen(work: (seen: ReadonlySet<string>) => Promise<void>): Promise<readonly string[]> {
  const seen = new Set<string>();
  // What a replica is told by its master is nobody's call.
  const masters = new Set(nodes.map(({ port }) => `127.0.0.1:${port}`));
  const monitors = await Promise.all(
    nodes.map(({ port }) => new Redis({ host: "127.0.0.1", port, connectionName: "monitor" }).monitor()),
  );
  for (const monitor of monitors)
    monitor.on("monitor", (_time: string, words: readonly string[], source: string) => {
      if (!masters.has(source)) seen.add(nameOf(words));
    });
  await work(seen);
  await Promise.all(nodes.map(({ port }, index) => reachEnd(port, monitors[index] ?? fail())));
  for (const monitor of monitors) monitor.disconnect();
  return [...seen].filter((name) => !OURS.has(name) && !FREE.includes(name)).sort();
}

/** What a node was sent last comes to its monitor after all that was before it. */
async function reachEnd(port: number, monitor: Redis): Promise<void> {
  const end = new Promise((resolve) => {
    monitor.on("monitor", (_time: string, words: readonly string[]) => {
      if (words[0]?.toLowerCase() === "echo") resolve(words);
    });
  });
  // Unlike the others, it asks the server nothing at its start.
  const quiet = new Redis({ host: "127.0.0.1", port, enableReadyCheck: false, disableClientInfo: true });
  await quiet.echo("end");
  await end;
  quiet.disconnect();
}

/** What the test itself sends. */
const OURS = new Set(["acl|setuser", "client|kill", "cluster|failover", "config|set", "echo", "replicaof"]);
const CONTAINERS = new Set(["client", "cluster", "command", "config", "acl", "script"]);

function nameOf([command = "", part = ""]: readonly string[]): string {
  const name = command.toLowerCase();
  return CONTAINERS.has(name) && part !== "" ? `${name}|${part.toLowerCase()}` : name;
}

function grantedBy(user: HotUser): readonly string[] {
  return user.accessString
    .split(" ")
    .filter((word) => word.startsWith("+"))
    .map((word) => word.slice(1))
    .sort();
}

interface ServerCommand {
  readonly name: string;
  /** Words of the shortest call. */
  readonly words: number;
}

type CommandInfo = [string, number, ...unknown[]];

/** With their parts, `config|get`. */
async function commandsOf(node: TestRedis): Promise<readonly ServerCommand[]> {
  const top = await callOn<CommandInfo[]>(node, "COMMAND");
  const parts = top.map((info) => (info[9] ?? []) as CommandInfo[]);
  // Of a command with parts, all but COMMAND cannot be sent without one.
  const sendable = top.filter(([name], index) => name === "command" || parts[index]?.length === 0);
  return [...sendable, ...parts.flat()].map(([name, arity]) => ({ name, words: Math.abs(arity) }));
}

async function isRefused(node: TestRedis, user: HotUser, { name, words }: ServerCommand): Promise<boolean> {
  const given = name.split("|");
  // A key of the user's own where a command wants one; refusals for other reasons say so.
  const rest = Array.from({ length: Math.max(0, words - given.length) }, () => "0");
  const answer = await callOn<string>(node, "ACL", "DRYRUN", user.name, ...given, ...rest).catch(String);
  return answer.includes("no permissions to run");
}

function connectAs(user: HotUser): RedisConnection {
  return new RedisConnection(
    { kind: "cluster", urls: nodes.map(({ url }) => passwordUrl(url, user)) },
    { readyCheck: user !== reader },
  );
}

function fail(): never {
  throw new Error("the cluster has no node");
}
