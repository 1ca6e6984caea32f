// Starts real Redis servers for tests and benchmarks: one, or a cluster of three masters. A missing server fails, it never skips.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cluster, Redis } from "ioredis";

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  isRunning(): boolean;
  /** Ends the server at once and removes its folder. */
  stop(): Promise<void>;
}

export interface TestRedisCluster {
  readonly urls: readonly string[];
  readonly nodes: readonly TestRedis[];
  stop(): Promise<void>;
}

const FIRST_PORT = 21_000;
const LAST_PORT = 49_999;
const START_ATTEMPTS = 5;
const READY_TIMEOUT_MS = 15_000;
const POLL_MS = 20;
const SLOT_COUNT = 16_384;
const NODE_COUNT = 3;

/** A server on loopback that keeps nothing on disk. `port`: default, any free one; `args`: further words of its command line. */
export async function startRedis(
  options: { readonly port?: number; readonly args?: readonly string[] } = {},
): Promise<TestRedis> {
  requireServer();
  for (let attempt = 1; ; attempt += 1) {
    const server = await tryStart(options.port ?? (await freePort()), options.args ?? []);
    if (server !== undefined) return server;
    if (attempt === START_ATTEMPTS)
      throw new Error(`redis-server did not start in ${START_ATTEMPTS} attempts`);
  }
}

/** Three masters that share the slots. `argsOf`: further words of each one's command line. */
export async function startRedisCluster(
  options: { readonly argsOf?: (index: number) => readonly string[] } = {},
): Promise<TestRedisCluster> {
  const nodes: TestRedis[] = [];
  const busPorts: number[] = [];
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    for (let count = 0; count < NODE_COUNT; count += 1) {
      const busPort = await freePort();
      busPorts.push(busPort);
      nodes.push(
        await startRedis({
          args: [
            "--cluster-enabled",
            "yes",
            "--cluster-node-timeout",
            "2000",
            "--cluster-port",
            `${busPort}`,
            ...(options.argsOf?.(count) ?? []),
          ],
        }),
      );
    }
    await joinNodes(nodes, busPorts);
  } catch (error) {
    await stop();
    throw error;
  }
  return { urls: nodes.map(({ url }) => url), nodes, stop };
}

function requireServer(): void {
  if (spawnSync("redis-server", ["--version"]).error !== undefined) {
    throw new Error(
      "redis-server is not on the PATH: the tests need a real one (apt-get install redis-server)",
    );
  }
}

async function tryStart(port: number, args: readonly string[]): Promise<TestRedis | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "steward-redis-"));
  const fixed = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const child = spawn("redis-server", [...fixed, "--dir", folder, ...args], { stdio: "ignore" });
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const stop = async () => {
    process.removeListener("exit", end);
    if (isRunning()) {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  if (child.pid === undefined || !(await answers(port, child))) {
    await stop();
    return undefined;
  }
  return { url: `redis://127.0.0.1:${port}`, port, pid: child.pid, isRunning, stop };
}

async function answers(port: number, child: ChildProcess): Promise<boolean> {
  const client = new Redis({ host: "127.0.0.1", port, lazyConnect: true, retryStrategy: () => POLL_MS });
  client.on("error", () => {});
  const exited = once(child, "exit").then(() => false);
  try {
    return await Promise.race([
      client.info("server").then((text) => text.includes(`process_id:${child.pid}`)),
      exited,
    ]);
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

async function joinNodes(nodes: readonly TestRedis[], busPorts: readonly number[]): Promise<void> {
  const clients = nodes.map(({ port }) => new Redis({ host: "127.0.0.1", port }));
  try {
    for (const [index, client] of clients.entries()) {
      const first = Math.floor((index * SLOT_COUNT) / NODE_COUNT);
      const last = Math.floor(((index + 1) * SLOT_COUNT) / NODE_COUNT) - 1;
      await client.call("CLUSTER", "SET-CONFIG-EPOCH", index + 1);
      await client.call("CLUSTER", "ADDSLOTSRANGE", first, last);
    }
    for (const [index, { port }] of nodes.entries()) {
      if (index > 0) await clients[0]?.call("CLUSTER", "MEET", "127.0.0.1", port, busPorts[index] ?? 0);
    }
    await waitUntil(async () => {
      const states = await Promise.all(clients.map((client) => client.cluster("INFO")));
      return states.every(
        (text) => text.includes("cluster_state:ok") && text.includes(`cluster_known_nodes:${NODE_COUNT}`),
      );
    });
  } finally {
    for (const client of clients) client.disconnect();
  }
}

async function waitUntil(isReady: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (!(await isReady())) {
    if (performance.now() > deadline) throw new Error("the Redis cluster was not ready in time");
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** A port that nobody holds now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
    const probe = createServer();
    const free = await new Promise<boolean>((resolve) => {
      probe.once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

/** Every key with its value as raw bytes, on every node: what a search for an identifier reads. */
export async function dumpRedis(urls: readonly string[]): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (const url of urls) {
    const client = new Redis(url);
    for await (const keys of client.scanBufferStream() as AsyncIterable<readonly Buffer[]>) {
      for (const key of keys) parts.push(key, ...(await readRedisKey(client, key)));
    }
    client.disconnect();
  }
  return Buffer.concat(parts);
}

/** What lies under a key: a value, a hash (a tag's fences) or a list (the pacer's schedules). */
export async function readRedisKey(client: Redis, key: Buffer): Promise<readonly Buffer[]> {
  const type = await client.type(key);
  if (type === "list") return client.lrangeBuffer(key, 0, -1);
  if (type !== "hash") return [(await client.getBuffer(key)) ?? Buffer.alloc(0)];
  const fields = await client.hgetallBuffer(key);
  return Object.entries(fields).flatMap(([field, value]) => [Buffer.from(field), value]);
}

/** A plain client of the server or cluster, for tests that look behind the adapter. */
export function plainClient(urls: readonly string[]): Redis | Cluster {
  const nodes = urls.map((url) => ({ host: new URL(url).hostname, port: Number(new URL(url).port) }));
  const [first] = nodes;
  if (first === undefined) throw new Error("no Redis given");
  return nodes.length === 1 ? new Redis(first) : new Cluster(nodes);
}
