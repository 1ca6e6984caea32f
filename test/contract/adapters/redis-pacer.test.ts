// The pacer on a real server and a real cluster, and without one.

import { RedisConnection, RedisPacer } from "@steward/adapters";
import { describe, expect, it } from "vitest";
import { startRedis, startRedisCluster } from "../../support/redis.ts";
import { describePacer } from "../ports/pacer.ts";

describePacer("RedisPacer on one server", async () => {
  const server = await startRedis();
  const connection = new RedisConnection({ kind: "server", url: server.url });
  return {
    open: () => new RedisPacer(connection),
    close: async () => {
      connection.close();
      await server.stop();
    },
  };
});

describePacer("RedisPacer on a cluster", async () => {
  const cluster = await startRedisCluster();
  const connection = new RedisConnection({ kind: "cluster", urls: cluster.urls });
  return {
    open: () => new RedisPacer(connection),
    close: async () => {
      connection.close();
      await cluster.stop();
    },
  };
});

describe("RedisPacer", () => {
  it("gives nothing when Redis is gone", async () => {
    const server = await startRedis();
    const connection = new RedisConnection({ kind: "server", url: server.url });
    const pacer = new RedisPacer(connection);
    await pacer.reserve("scope", 1, 10);
    await server.stop();

    await expect(pacer.reserve("scope", 1, 10)).rejects.toMatchObject({ name: "UnavailableError" });
    connection.close();
  });

  it("leaves one key a scope, bounded, that goes by itself", async () => {
    const server = await startRedis();
    const connection = new RedisConnection({ kind: "server", url: server.url });
    const pacer = new RedisPacer(connection);
    for (let call = 0; call < 2_000; call += 1) await pacer.reserve("growth:orders", 1, 1_000);

    const [client] = await connection.masters();
    const keys = await client?.keys("*");
    const entries = await client?.llen("_pace:growth:orders");
    const lifeMs = await client?.pttl("_pace:growth:orders");
    connection.close();
    await server.stop();

    expect(keys).toEqual(["_pace:growth:orders"]);
    expect(entries).toBeLessThanOrEqual(205);
    expect(lifeMs).toBeGreaterThan(1_000);
    expect(lifeMs).toBeLessThan(4_000);
  });
});
