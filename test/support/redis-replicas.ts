// A replica of a test's Redis that can be cut off and then put in its master's place, as a failover that loses writes does.

import { Redis } from "ioredis";
import { freePort, startRedis, type TestRedis, type TestRedisCluster } from "./redis.ts";
import { until } from "./until.ts";

export interface TestReplica extends TestRedis {
  /** From now on nothing that the master acknowledges reaches the replica. */
  cutOff(): Promise<void>;
  /** Makes it the master, whatever it lacks. */
  promote(): Promise<void>;
  /** Gives the first master its place back. The replica must be the master now, and it still alive. */
  giveBack(): Promise<void>;
}

/** Follows a single server. */
export async function startReplica(master: TestRedis): Promise<TestReplica> {
  await syncAtOnce(master);
  const replica = await startRedis({ args: ["--replicaof", "127.0.0.1", String(master.port)] });
  await syncAtOnce(replica);
  await inStep(replica, master);
  return {
    ...replica,
    cutOff: () => cutOff(master),
    promote: () => callOn(replica, "REPLICAOF", "NO", "ONE"),
    async giveBack() {
      await callOn(master, "REPLICAOF", "127.0.0.1", replica.port);
      await inStep(master, replica);
      await callOn(master, "REPLICAOF", "NO", "ONE");
      await callOn(replica, "REPLICAOF", "127.0.0.1", master.port);
    },
  };
}

/** Follows one node of a cluster. */
export async function startClusterReplica(
  cluster: TestRedisCluster,
  master: TestRedis,
): Promise<TestReplica> {
  const busPort = await freePort();
  const args = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-port", `${busPort}`];
  const replica = await startRedis({ args });
  const masterId = await callOn<string>(master, "CLUSTER", "MYID");
  const replicaId = await callOn<string>(replica, "CLUSTER", "MYID");
  await callOn(cluster.nodes[0] ?? master, "CLUSTER", "MEET", "127.0.0.1", replica.port, busPort);
  await until("all nodes know each other", async () => {
    const everyone = [...cluster.nodes, replica];
    const views = await Promise.all(everyone.map((node) => callOn<string>(node, "CLUSTER", "NODES")));
    const infos = await Promise.all(everyone.map((node) => callOn<string>(node, "CLUSTER", "INFO")));
    // A replica that has not heard of the epoch takes over under one that nobody believes.
    const epochs = new Set(infos.map((info) => /cluster_current_epoch:(\d+)/.exec(info)?.[1]));
    return views.every((view) => view.includes(masterId) && view.includes(replicaId)) && epochs.size === 1;
  });
  await syncAtOnce(master);
  await syncAtOnce(replica);
  await callOn(replica, "CLUSTER", "REPLICATE", masterId);
  await inStep(replica, master);
  return {
    ...replica,
    cutOff: () => cutOff(master),
    promote: () => takeOver(cluster, replica),
    async giveBack() {
      await inStep(master, replica);
      await takeOver(cluster, master);
    },
  };
}

/** By default a master waits five seconds for further replicas before it sends what it has. */
async function syncAtOnce(node: TestRedis): Promise<void> {
  await callOn(node, "CONFIG", "SET", "repl-diskless-sync-delay", "0");
}

/** A replica may not ask for what it lacks, and its connection ends. */
async function cutOff(master: TestRedis): Promise<void> {
  await callOn(master, "ACL", "SETUSER", "default", "-psync", "-sync");
  await callOn(master, "CLIENT", "KILL", "TYPE", "replica");
}

/** Nobody votes on a takeover: where its epoch is one that another node has taken too, the others believe that one, and may make it a
 * replica again. */
const BELIEVED_AFTER_MS = 3_000;

async function takeOver(cluster: TestRedisCluster, node: TestRedis): Promise<void> {
  await callOn(node, "CLUSTER", "FAILOVER", "TAKEOVER");
  let saidMs = Date.now();
  await until("every node knows the new master", async () => {
    if (Date.now() - saidMs > BELIEVED_AFTER_MS) {
      await callOn(node, "CLUSTER", "FAILOVER", "TAKEOVER").catch(() => {}); // it is a master still
      await callOn(node, "CLUSTER", "BUMPEPOCH");
      saidMs = Date.now();
    }
    const views = await Promise.all(cluster.nodes.map((each) => mastersSeenBy(each)));
    return views.every((ports) => ports === undefined || ports.includes(node.port)) && (await isUp(node));
  });
}

async function isUp(node: TestRedis): Promise<boolean> {
  return (await callOn<string>(node, "CLUSTER", "INFO")).includes("cluster_state:ok");
}

/** The ports of the masters that hold slots; undefined: the node is gone. */
async function mastersSeenBy(node: TestRedis): Promise<readonly number[] | undefined> {
  if (!node.isRunning()) return undefined;
  const ranges = await callOn<[number, number, [string, number]][]>(node, "CLUSTER", "SLOTS");
  return ranges.map(([, , [, port]]) => port);
}

/** Until both say so: the master lets a replica in only after it has answered once. */
async function inStep(node: TestRedis, master: TestRedis): Promise<void> {
  await until("the replica is in step", async () => {
    const [own, masters] = await Promise.all(
      [node, master].map((each) => callOn<string>(each, "INFO", "replication")),
    );
    return own?.includes("master_link_status:up") && masters?.includes(`port=${node.port},state=online`);
  });
}

/** One command on one node, whatever it says of clusters. */
export async function callOn<T>(
  { port }: TestRedis,
  command: string,
  ...words: readonly (string | number)[]
): Promise<T> {
  const client = new Redis({ host: "127.0.0.1", port });
  try {
    return (await client.call(command, ...words)) as T;
  } finally {
    client.disconnect();
  }
}
