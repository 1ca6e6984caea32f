// AWS services that run here: MiniStack, a process of its own on a free port, in memory.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { pythonOf } from "./python.ts";
import { freePort } from "./redis.ts";

export interface MiniStack {
  readonly url: string;
  stop(): Promise<void>;
}

const START_MS = 30_000;
const POLL_MS = 50;

/** Buckets' names are one space for all accounts: choose one a test file. */
export async function startMiniStack(): Promise<MiniStack> {
  const python = await pythonOf("ministack");
  const port = await freePort();
  const env = {
    BIND_HOST: "127.0.0.1",
    GATEWAY_PORT: String(port),
    IOT_MTLS_ENABLED: "0",
    SFTP_ENABLED: "0",
  };
  const child = spawn(python, ["-m", "ministack"], { env: { ...process.env, ...env }, stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  for (const endMs = Date.now() + START_MS; ; await sleep(POLL_MS)) {
    if (await answers(url)) break;
    if (Date.now() > endMs || child.exitCode !== null) throw new Error("MiniStack did not start");
  }
  return {
    url,
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    await (await fetch(url)).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
