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
/** A Redis port above this would leave no room for a cluster bus, 10,000 higher. */
const MAX_PORT = 50_000;
const MIN_PORT = 20_000;

export interface ServerCommand {
  readonly title: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly logFile: string;
  /** True once it can be used. */
  readonly isReady: () => Promise<boolean>;
}

/** Starts the server detached and waits until it answers. @throws UnavailableError saying where its log lies. */
export async function startServer(server: ServerCommand): Promise<ProcessIdentity> {
  const log = openSync(server.logFile, "a", 0o600);
  const child = spawn(server.command, server.arguments, { detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  let problem: string | undefined;
  child.once("error", (error) => {
    problem = error.message;
  });
  child.once("exit", (code) => {
    problem ??= `it ended with code ${code}`;
  });
  child.unref();
  const deadline = Date.now() + START_MS;
  while (problem === undefined && Date.now() < deadline) {
    if (await server.isReady()) {
      const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
      if (identity !== undefined && problem === undefined) return identity;
    }
    await sleep(POLL_MS);
  }
  throw new UnavailableError(
    `${server.title} did not start (${problem ?? `no answer within ${START_MS / 1_000} s`}): see ${server.logFile}`,
  );
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

/** The wanted port if it is free, else a free one. */
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
