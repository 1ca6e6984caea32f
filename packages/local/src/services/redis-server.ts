// Decides which Redis a platform uses: REDIS_URL, else a server of its own in the state folder.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { ProcessIdentity } from "@steward/adapters";
import { UnavailableError } from "@steward/core";
import { Redis } from "ioredis";
import { startServer } from "./child-server.ts";

export const REDIS_REMEDY =
  "install redis-server or valkey-server (Debian, Ubuntu: apt install redis-server; Fedora: dnf install valkey; macOS: brew install redis), or set REDIS_URL";

/** The server's path, undefined when none is on the PATH. */
export function findRedisServer(): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of ["redis-server", "valkey-server"]) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // not in this folder
      }
    }
  }
  return undefined;
}

/**
 * Starts Redis with its log on, so that acknowledged writes outlive its own death: each is handed to the kernel before its
 * answer. `everysec` would hold them back for up to 2 s while a sync is under way (redis.conf 7.0, appendfsync); what a
 * power loss takes, a rebuild brings back.
 */
export async function startRedisServer(
  folder: string,
  lastUrl: string | undefined,
): Promise<{ url: string; process: ProcessIdentity }> {
  const command = findRedisServer();
  if (command === undefined) throw new UnavailableError(`no Redis server is on the PATH: ${REDIS_REMEDY}`);
  const wantedPort = lastUrl === undefined ? undefined : Number(new URL(lastUrl).port);
  const { port, process } = await startServer(wantedPort, (port) => ({
    title: "Redis",
    command,
    arguments: [
      ...["--bind", "127.0.0.1", "--port", String(port), "--dir", folder, "--daemonize", "no"],
      ...["--appendonly", "yes", "--appendfsync", "no", "--save", "", "--maxmemory-policy", "noeviction"],
    ],
    logFile: join(folder, "redis.log"),
    isReady: () => answersPing(toUrl(port)),
  }));
  return { url: toUrl(port), process };
}

const toUrl = (port: number): string => `redis://127.0.0.1:${port}`;

/** Whether a Redis answers there, loaded and ready. */
export async function answersPing(url: string): Promise<boolean> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 1_000,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  client.on("error", () => {}); // the answer is "no"
  try {
    await client.connect();
    return (await client.ping()) === "PONG";
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}
