// Decides how often the hot store is looked at for fences and deletions that a flush, a restart or a failover took: what
// an account's alarm on a failover event would start, and a schedule beside it.

import { guardHot, type Ports } from "@steward/core";
import type { Scope } from "@steward/functions/_runtime/scope.ts";
import { startWatch, type Watch } from "./watch.ts";

/** How long an erased value that a failover brought back may be readable where nobody writes; a look takes about 0.1 s. */
export const HOT_WATCH_MS = 15_000;

/** Nothing is written meanwhile where a guard is missing. */
export function startHotWatch(ports: Ports, log: Scope["log"]): Watch {
  return startWatch({
    everyMs: HOT_WATCH_MS,
    failure: "could not guard the hot store",
    log,
    async look() {
      const { tags, named } = await guardHot(ports);
      if (tags + named > 0) log({ level: "info", message: "guarded the hot store", tags, named });
    },
  });
}
