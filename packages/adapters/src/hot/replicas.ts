// Decides how long what was written waits for the replicas: WAIT, on the connection that wrote it.

import { Command, type Redis } from "ioredis";
import type { RedisConnection } from "./redis-connection.ts";

/**
 * A replica answers within a millisecond or two. One that does not is not waited for longer: what a failover loses all the
 * same is noticed by the guards, and repaired.
 */
export const REPLICA_PATIENCE_MS = 500;

/** Waits on the node that holds `key`, of which `following` replicas are in step. */
export async function awaitReplicas(
  connection: RedisConnection,
  key: string,
  following: number,
): Promise<void> {
  if (following === 0) return;
  await connection.run(async (client) => client.sendCommand(new RoutedWait(key, following)));
}

/** The same on a node that is at hand. */
export async function awaitReplicasOf(connection: RedisConnection, node: Redis): Promise<void> {
  const info = await connection.run(() => node.info("replication"));
  const following = info.split("state=online").length - 1;
  if (following > 0) await connection.run(() => node.wait(following, REPLICA_PATIENCE_MS));
}

/** WAIT has no key, so a cluster's client would send it anywhere: to the client this looks like a call with one. */
class RoutedWait extends Command {
  readonly #wire: string;

  constructor(key: string, following: number) {
    super("get", [key]);
    const words = ["WAIT", String(following), String(REPLICA_PATIENCE_MS)];
    this.#wire = `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
  }

  override toWritable(): string {
    return this.#wire;
  }
}
