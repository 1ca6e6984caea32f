// Decides how a server is started beside a command so that it outlives it, and how it is ended.

import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { identifyProcess, isAlive, type ProcessIdentity } from "@steward/adapters";
import { UnavailableError } from "@steward/core";

const POLL_MS = 20;
const START_MS = 15_000;
const STOP_MS = 10_000;
/** Below the ports that Linux gives to outgoing connections (32,768 up): one of those could take the port before the server does. */
const MAX_PORT = 32_000;
const MIN_PORT = 20_000;
/** Another may still take the port between the look and the server's start. */
const MAX_STARTS = 3;

export interface ServerCommand {
  readonly title: string;
  readonly command: string;
  readonly arguments: readonly string[];
  /** Besides that of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** True once it can be used. */
  readonly isReady: () => Promise<boolean>;
}

/**
 * Starts the server detached, on the wanted port or a free one, and waits until it answers; one that ends at once is tried
 * again on another port. @throws UnavailableError saying where its log lies.
 */
export async function startServer(
  wantedPort: number | undefined,
  toServer: (port: number) => ServerCommand,
): Promise<{ readonly port: number; readonly process: ProcessIdentity }> {
  for (let tries = 1; ; tries += 1) {
    const port = await freePort(tries === 1 ? wantedPort : undefined);
    const server = toServer(port);
    const start = await tryStart(server);
    if ("process" in start) return { port, process: start.process };
    if (!start.ended || tries === MAX_STARTS)
      throw new UnavailableError(`${server.title} did not start (${start.problem}): see ${server.logFile}`);
  }
}

type Start = { readonly process: ProcessIdentity } | { readonly problem: string; readonly ended: boolean };

async function tryStart(server: ServerCommand): Promise<Start> {
  const log = openSync(server.logFile, "a", 0o600);
  const child = spawn(server.command, server.arguments, {
    detached: true,
    env: { ...process.env, ...server.environment },
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  let failure: Exclude<Start, { process: unknown }> | undefined;
  child.once("error", (error) => {
    failure = { problem: error.message, ended: false };
  });
  child.once("exit", (code) => {
    failure ??= { problem: `it ended with code ${code}`, ended: true };
  });
  child.unref();
  const deadline = Date.now() + START_MS;
  while (failure === undefined && Date.now() < deadline) {
    if (await server.isReady()) {
      const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
      if (identity !== undefined && failure === undefined) return { process: identity };
    }
    await sleep(POLL_MS);
  }
  return failure ?? { problem: `no answer within ${START_MS / 1_000} s`, ended: false };
}

/** Asks the server to end and waits for it; kills it when it does not. */
export async function stopServer(identity: ProcessIdentity): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (!isAlive(identity)) return;
    process.kill(identity.pid, signal);
    const deadline = Date.now() + STOP_MS;
    while (isAlive(identity) && Date.now() < deadline) await sleep(POLL_MS);
  }
}

/** The wanted port if it is free, else a free one: below those that outgoing connections take, which would keep it from a successor. */
export async function freePort(wanted?: number): Promise<number> {
  if (wanted !== undefined && (await isFree(wanted))) return wanted;
  for (let tries = 0; tries < 100; tries += 1) {
    const port = MIN_PORT + Math.floor(Math.random() * (MAX_PORT - MIN_PORT));
    if (await isFree(port)) return port;
  }
  throw new UnavailableError("no free port was found on 127.0.0.1");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
