// Redis with the generated users: one server or a cluster, where tests look behind the adapters as an administrator.

import { OwnerConnections, RedisConnection } from "@steward/adapters";
import { type HotUser, tenantUsers } from "@steward/core";
import { startRedis, startRedisCluster, type TestRedis } from "./redis.ts";
import { callOn } from "./redis-replicas.ts";

const PASSWORD = "a-password-of-tests";

export interface TenantRedis {
  readonly urls: readonly string[];
  readonly nodes: readonly TestRedis[];
  /** Opens a connection that can do what the user may, and no more. */
  connectAs(user: HotUser): Promise<RedisConnection>;
  /** Each owner by its own writer. */
  writers(owners: readonly string[]): Promise<OwnerConnections>;
  flush(): Promise<void>;
  /** Closes what was opened, and ends the servers. */
  stop(): Promise<void>;
}

export type StartTenantRedis = () => Promise<TenantRedis>;

export const onTenantServer: StartTenantRedis = async () => {
  const server = await startRedis();
  return tenantRedis([server], false, server.stop);
};

export const onTenantCluster: StartTenantRedis = async () => {
  const cluster = await startRedisCluster();
  return tenantRedis(cluster.nodes, true, cluster.stop);
};

function tenantRedis(
  nodes: readonly TestRedis[],
  isCluster: boolean,
  stopServers: () => Promise<void>,
): TenantRedis {
  const opened: { close(): void }[] = [];
  const connect = (user: HotUser) => {
    const urls = nodes.map(({ url }) => passwordUrl(url, user));
    const options = { readyCheck: !user.name.endsWith("-reader") };
    const [url = ""] = urls;
    const connection = new RedisConnection(
      isCluster ? { kind: "cluster", urls } : { kind: "server", url },
      options,
    );
    opened.push(connection);
    return connection;
  };
  return {
    urls: nodes.map(({ url }) => url),
    nodes,
    async connectAs(user) {
      await createUser(nodes, user);
      return connect(user);
    },
    async writers(owners) {
      for (const owner of owners) await createUser(nodes, tenantUsers(owner).writer);
      return new OwnerConnections({ owners, open: (owner) => connect(tenantUsers(owner).writer) });
    },
    async flush() {
      for (const node of nodes) await callOn(node, "FLUSHALL");
    },
    async stop() {
      for (const connection of opened.splice(0)) connection.close();
      await stopServers();
    },
  };
}

/** As ElastiCache does with an access string. */
export async function createUser(nodes: readonly TestRedis[], user: HotUser): Promise<void> {
  for (const node of nodes)
    await callOn(node, "ACL", "SETUSER", user.name, "reset", `>${PASSWORD}`, ...user.accessString.split(" "));
}

/** The address of a server as the user that createUser made. */
export function passwordUrl(url: string, user: HotUser): string {
  return url.replace("//", `//${user.name}:${PASSWORD}@`);
}
