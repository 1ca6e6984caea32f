// Decides how often the hot store is looked at for fences and deletions that a flush, a restart or a failover took: what
// an account's alarm on a failover event would start, and a schedule beside it.

import { setTimeout as sleep } from "node:timers/promises";
import { guardHot, type Ports } from "@steward/core";
import type { Scope } from "@steward/functions/_runtime/scope.ts";

/** How long an erased value that a failover brought back may be readable where nobody writes; a look takes about 0.1 s. */
export const HOT_WATCH_MS = 15_000;

export interface HotWatch {
  /** Waits for the look under way. */
  stop(): Promise<void>;
}

export function startHotWatch(ports: Ports, log: Scope["log"]): HotWatch {
  const stopping = new AbortController();
  const watching = watch(ports, log, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}

async function watch(ports: Ports, log: Scope["log"], stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    try {
      const { tags, named } = await guardHot(ports);
      if (tags + named > 0) log({ level: "info", message: "guarded the hot store", tags, named });
    } catch (error) {
      // Whatever it is, it is said and tried again: nothing is written meanwhile where a guard is missing.
      const reason = error instanceof Error ? error.name : "unknown";
      log({ level: "error", message: "could not guard the hot store", error: reason });
    }
    await sleep(HOT_WATCH_MS, undefined, { signal: stopping }).catch(() => undefined);
  }
}
