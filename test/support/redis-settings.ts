// Where Redis runs in a test that replaces its master: one server behind a name, or a node of a cluster.

import { RedisConnection } from "@steward/adapters";
import { startRedis, startRedisCluster, type TestRedis } from "./redis.ts";
import { callOn, startClusterReplica, startReplica, type TestReplica } from "./redis-replicas.ts";

/** Where Redis runs, and how it is reached after its master was replaced. */
export interface RedisSetting {
  /** The server that holds the subject's tag. */
  readonly master: TestRedis;
  connect(): RedisConnection;
  startReplica(): Promise<TestReplica>;
}

/** What is to be closed after the test, in the order in which it was opened. */
export type Closing = (() => unknown)[];

/** One server. */
export async function onServer(closing: Closing): Promise<RedisSetting> {
  const master = await startRedis();
  closing.push(master.stop);
  return settingOf(master, closing);
}

/** A server that a test started itself. */
export function settingOf(master: TestRedis, closing: Closing): RedisSetting {
  // What a managed endpoint does: its name leads to the master of the day.
  let address = master.url;
  return {
    master,
    connect: () => new RedisConnection({ kind: "server", url: address }),
    async startReplica() {
      const replica = await startReplica(master);
      closing.push(replica.stop);
      return {
        ...replica,
        async promote() {
          await replica.promote();
          address = replica.url;
        },
        async giveBack() {
          await replica.giveBack();
          address = master.url;
        },
      };
    },
  };
}

/** The node of a cluster that holds the tag. */
export async function onCluster(closing: Closing, tag: string): Promise<RedisSetting> {
  const cluster = await startRedisCluster();
  closing.push(cluster.stop);
  const [first = fail()] = cluster.nodes;
  const slot = await callOn<number>(first, "CLUSTER", "KEYSLOT", `{${tag}}`);
  const ranges = await callOn<[number, number, [string, number]][]>(first, "CLUSTER", "SLOTS");
  const port = ranges.find(([from, to]) => from <= slot && slot <= to)?.[2][1];
  const master = cluster.nodes.find((node) => node.port === port) ?? fail();
  // One connection for all: it must find the new master by itself.
  const connection = new RedisConnection({ kind: "cluster", urls: cluster.urls });
  closing.push(() => connection.close());
  return {
    master,
    connect: () => connection,
    async startReplica() {
      const replica = await startClusterReplica(cluster, master);
      closing.push(replica.stop);
      return replica;
    },
  };
}

function fail(): never {
  throw new Error("no node of the cluster holds the tag");
}
