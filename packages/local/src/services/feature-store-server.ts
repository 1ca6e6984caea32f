// Decides how the Feature Store emulator runs beside the platform: a process of its own, recognised by its state folder.

import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProcessIdentity } from "@steward/adapters";
import { type EpochMs, UnavailableError } from "@steward/core";
import { startServer } from "./child-server.ts";

const MAIN = fileURLToPath(new URL("./feature-store-process.ts", import.meta.url));
/** Node keeps there what it compiled: the next start takes half the time. */
const COMPILED = fileURLToPath(new URL("../../node_modules/.cache", import.meta.url));
const HEALTH_MS = 2_000;

export interface FeatureStorePlace {
  readonly folder: string;
  /** The root of the object store that its offline files go into. */
  readonly objects: string;
  /** How long a row may wait to become part of a file there. */
  readonly offlineDelayMs: number;
}

export async function startFeatureStoreServer(
  { folder, objects, offlineDelayMs }: FeatureStorePlace,
  lastUrl: string | undefined,
): Promise<{ url: string; process: ProcessIdentity }> {
  const wantedPort = lastUrl === undefined ? undefined : Number(new URL(lastUrl).port);
  const { port, process: started } = await startServer(wantedPort, (port) => ({
    title: "The Feature Store emulator",
    command: process.execPath,
    arguments: [
      MAIN,
      ...["--port", String(port), "--state", folder],
      ...["--objects", objects, "--offline-delay", String(offlineDelayMs)],
    ],
    environment: { NODE_COMPILE_CACHE: COMPILED },
    logFile: `${folder}.log`,
    isReady: () => servesFolder(toUrl(port), folder),
  }));
  return { url: toUrl(port), process: started };
}

const toUrl = (port: number): string => `http://127.0.0.1:${port}`;

/** Whether the emulator there keeps this folder. */
export async function servesFolder(url: string, folder: string): Promise<boolean> {
  try {
    const reply = await fetch(new URL("/_steward/health", url), { signal: AbortSignal.timeout(HEALTH_MS) });
    const health = (await reply.json()) as { stateDir?: unknown };
    return typeof health.stateDir === "string" && resolve(health.stateDir) === resolve(folder);
  } catch {
    return false;
  }
}

/** How long the emulator there holds rows that are bound for the offline store; whoever started it has decided. */
export async function offlineDelayOf(url: string): Promise<number> {
  const reply = await fetch(new URL("/_steward/offline-buffer", url), {
    signal: AbortSignal.timeout(HEALTH_MS),
  });
  return Number(((await reply.json()) as { delayMs?: unknown }).delayMs ?? 0);
}

/** Makes offline files of all rows that wait in the emulator. @throws UnavailableError when it cannot. */
export async function flushOfflineRows(url: string): Promise<void> {
  const reply = await fetch(new URL("/_steward/offline-buffer/flush", url), { method: "POST" }).catch(
    () => undefined,
  );
  if (reply?.ok !== true)
    throw new UnavailableError("rows that wait for the offline store could not be written there");
}

/** Makes the emulator tell the platform's time; undefined: real time. */
export async function driveFeatureStoreClock(url: string, nowMs: EpochMs | undefined): Promise<void> {
  await fetch(new URL("/_steward/clock", url), {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ nowMs: nowMs ?? null }),
    signal: AbortSignal.timeout(HEALTH_MS),
  });
}
