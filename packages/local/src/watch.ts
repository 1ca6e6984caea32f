// Decides how what is due now and then is looked at for as long as the platform is up: what a schedule does in an account.
// A look that fails is said, and the next one tries again.

import { setTimeout as sleep } from "node:timers/promises";
import type { Scope } from "@steward/functions/_runtime/scope.ts";

export interface Watch {
  /** Waits for the look under way. */
  stop(): Promise<void>;
}

export interface WatchOptions {
  readonly everyMs: number;
  readonly look: () => Promise<void>;
  /** What is said of a look that failed. */
  readonly failure: string;
  readonly log: Scope["log"];
}

export function startWatch(options: WatchOptions): Watch {
  const stopping = new AbortController();
  const watching = watch(options, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}

async function watch({ everyMs, look, failure, log }: WatchOptions, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    try {
      await look();
    } catch (error) {
      log({ level: "error", message: failure, error: error instanceof Error ? error.name : "unknown" });
    }
    await sleep(everyMs, undefined, { signal: stopping }).catch(() => undefined);
  }
}
