// Decides how the Feature Store emulator runs beside the platform: a process of its own, recognised by its state folder.

import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProcessIdentity } from "@steward/adapters";
import type { EpochMs } from "@steward/core";
import { freePort, startServer } from "./child-server.ts";

const MAIN = fileURLToPath(import.meta.resolve("steward-feature-store/main"));
const HEALTH_MS = 2_000;

export async function startFeatureStoreServer(
  folder: string,
  lastUrl: string | undefined,
): Promise<{ url: string; process: ProcessIdentity }> {
  const port = await freePort(lastUrl === undefined ? undefined : Number(new URL(lastUrl).port));
  const url = `http://127.0.0.1:${port}`;
  const process_ = await startServer({
    title: "The Feature Store emulator",
    command: process.execPath,
    arguments: [MAIN, "--port", String(port), "--state", folder, "--creation-delay", "0"],
    logFile: `${folder}.log`,
    isReady: () => servesFolder(url, folder),
  });
  return { url, process: process_ };
}

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

/** Makes the emulator tell the platform's time; undefined: real time. */
export async function driveFeatureStoreClock(url: string, nowMs: EpochMs | undefined): Promise<void> {
  await fetch(new URL("/_steward/clock", url), {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ nowMs: nowMs ?? null }),
    signal: AbortSignal.timeout(HEALTH_MS),
  });
}
