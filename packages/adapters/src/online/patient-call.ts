// Decides how often a call that nobody above tries again is tried: reads, lists and deletions, all of them repeatable.
// Leaves writes out: core's write path tries those, record by record.

import { setTimeout as sleep } from "node:timers/promises";
import { backoffMs } from "@steward/core";
import { classifyFailure } from "./call-failure.ts";

/** Outlasts a burst of throttles (waits below 50, 100, 200 and 400 ms), not an outage. */
const PATIENCE = { firstMs: 50, ceilingMs: 1_000, maxTries: 5 };

/**
 * The first answer of `attempt` that is not undefined; undefined ("not yet") and throttled or interrupted calls are tried
 * again. Undefined after the last try. @throws the error of the last try, and at once any error of another kind.
 */
export async function tryPatiently<T>(attempt: () => Promise<T | undefined>): Promise<T | undefined> {
  for (let tries = 1; ; tries += 1) {
    const isLast = tries === PATIENCE.maxTries;
    try {
      const result = await attempt();
      if (result !== undefined || isLast) return result;
    } catch (error) {
      if (isLast || classifyFailure(error).kind !== "throttled") throw error;
    }
    await sleep(backoffMs(PATIENCE, tries, Math.random()));
  }
}
