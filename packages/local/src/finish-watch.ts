// Decides how often erasures are looked at whose finish is due.

import { type ControlPorts, continueFinishes } from "@steward/core";
import type { Scope } from "@steward/functions/_runtime/scope.ts";
import { startWatch, type Watch } from "./watch.ts";

/** A finish is due once in days: a look is one query. */
const FINISH_WATCH_MS = 15_000;

export function startFinishWatch(ports: ControlPorts, log: Scope["log"], everyMs = FINISH_WATCH_MS): Watch {
  return startWatch({
    everyMs,
    failure: "could not finish an erasure",
    log,
    async look() {
      for (const { runId } of await continueFinishes(ports))
        log({ level: "info", message: "finishing an erasure", run: runId });
    },
  });
}
