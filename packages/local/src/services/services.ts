// Decides how a platform comes to its two servers and leaves them: adopt first, start second, the last one out stops.

import { LeaseHeldError } from "@steward/core";
import type { StateFolder } from "../state-folder.ts";
import { stopServer } from "./child-server.ts";
import { servesFolder, startFeatureStoreServer } from "./feature-store-server.ts";
import { answersPing, startRedisServer } from "./redis-server.ts";
import { type ServiceName, ServiceRegistry } from "./service-registry.ts";

export interface ServiceInfo {
  readonly url: string;
  /** Undefined: somebody else's server (REDIS_URL). */
  readonly pid: number | undefined;
  readonly owned: boolean;
}

export interface Services {
  readonly redis: ServiceInfo;
  readonly featureStore: ServiceInfo;
}

/** On a laptop a person looks at the offline store at once; in an account it takes up to 15 minutes. */
const OFFLINE_DELAY_MS = 1_000;
const OWN_SERVICES: readonly ServiceName[] = ["redis", "feature-store"];

/** Joins the users of the folder's servers and makes sure that they run, where their users look for them. */
export async function joinServices(
  folder: StateFolder,
  offlineDelayMs = OFFLINE_DELAY_MS,
): Promise<Services> {
  return withRegistry(folder, async (registry) => {
    registry.join();
    const redisUrl = process.env.REDIS_URL;
    const redis =
      redisUrl === undefined || redisUrl === ""
        ? await ensure(registry, "redis", answersPing, (last) => startRedisServer(folder.redis, last))
        : { url: redisUrl, pid: undefined, owned: false };
    const featureStore = await ensure(
      registry,
      "feature-store",
      (url) => servesFolder(url, folder.featureStore),
      (last) =>
        startFeatureStoreServer(
          { folder: folder.featureStore, objects: folder.objects, offlineDelayMs },
          last,
        ),
    );
    return { redis, featureStore };
  });
}

/** Leaves; stops the servers when nobody else uses them. */
export async function leaveServices(folder: StateFolder): Promise<void> {
  await withRegistry(folder, async (registry) => {
    registry.leave();
    if (registry.listUsers().length === 0) await stopAll(registry);
  });
}

/** Stops the servers; the names of those that ran. @throws LeaseHeldError while a living process uses them, unless forced. */
export async function stopServices(folder: StateFolder, force = false): Promise<readonly string[]> {
  return withRegistry(folder, async (registry) => {
    const users = registry.listUsers().filter((pid) => pid !== process.pid);
    if (users.length > 0 && !force)
      throw new LeaseHeldError(`process ${users.join(", ")} uses this state folder: end it first`);
    return stopAll(registry);
  });
}

export interface ServiceStatus {
  readonly name: ServiceName;
  readonly url: string | undefined;
  readonly pid: number | undefined;
  readonly running: boolean;
  /** Pids of the living processes that use the folder's servers. */
  readonly users: readonly number[];
}

export interface ApiStatus {
  readonly url: string;
  readonly pid: number;
}

export async function describeServices(folder: StateFolder): Promise<readonly ServiceStatus[]> {
  return withRegistry(folder, async (registry) => {
    const users = registry.listUsers();
    return OWN_SERVICES.map((name) => {
      const url = name === "redis" ? process.env.REDIS_URL : undefined;
      const service = registry.findService(name);
      return {
        name,
        url: url ?? service?.url,
        pid: service?.process.pid,
        running: service !== undefined,
        users,
      };
    });
  });
}

/** Where a living process answers HTTP for this folder; waits for nobody. */
export function findApi(folder: StateFolder): ApiStatus | undefined {
  const registry = new ServiceRegistry(folder.services);
  try {
    const found = registry.findService("api");
    return found === undefined ? undefined : { url: found.url, pid: found.process.pid };
  } finally {
    registry.close();
  }
}

async function ensure(
  registry: ServiceRegistry,
  name: ServiceName,
  isOurs: (url: string) => Promise<boolean>,
  start: (
    lastUrl: string | undefined,
  ) => Promise<{ url: string; process: { pid: number; startedAt: string } }>,
): Promise<ServiceInfo> {
  const running = registry.findService(name);
  if (running !== undefined && (await isOurs(running.url)))
    return { url: running.url, pid: running.process.pid, owned: true };
  if (running !== undefined) await stopServer(running.process);
  const started = await start(registry.lastUrl(name));
  registry.noteService({ name, ...started });
  return { url: started.url, pid: started.process.pid, owned: true };
}

async function stopAll(registry: ServiceRegistry): Promise<readonly string[]> {
  const stopped: string[] = [];
  for (const name of OWN_SERVICES) {
    const service = registry.findService(name);
    if (service === undefined) continue;
    await stopServer(service.process);
    stopped.push(name);
  }
  return stopped;
}

async function withRegistry<T>(
  folder: StateFolder,
  work: (registry: ServiceRegistry) => Promise<T>,
): Promise<T> {
  const registry = new ServiceRegistry(folder.services);
  try {
    return await registry.exclusively(() => work(registry));
  } finally {
    registry.close();
  }
}
