// Decides how often erasures are looked at whose finish is due: what a schedule does in an account.

import { setTimeout as sleep } from "node:timers/promises";
import { type ControlPorts, continueFinishes } from "@steward/core";
import type { Scope } from "@steward/functions/_runtime/scope.ts";

/** A finish is due once in days: a look is one query. */
const FINISH_WATCH_MS = 15_000;

export interface FinishWatch {
  /** Waits for the look under way. */
  stop(): Promise<void>;
}

export function startFinishWatch(ports: ControlPorts, log: Scope["log"]): FinishWatch {
  const stopping = new AbortController();
  const watching = watch(ports, log, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}

async function watch(ports: ControlPorts, log: Scope["log"], stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    try {
      for (const { runId } of await continueFinishes(ports))
        log({ level: "info", message: "finishing an erasure", run: runId });
    } catch (error) {
      const reason = error instanceof Error ? error.name : "unknown";
      log({ level: "error", message: "could not finish an erasure", error: reason });
    }
    await sleep(FINISH_WATCH_MS, undefined, { signal: stopping }).catch(() => undefined);
  }
}
