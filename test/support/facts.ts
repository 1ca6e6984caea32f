// A group without fault as facts; a test says what is otherwise.

import { type Facts, type SideFacts, toEpochMs } from "@steward/core";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const FACTS_NOW = toEpochMs(Date.UTC(2026, 10, 25, 12));

export const FRESH: SideFacts = { ageMs: 10 * MINUTE_MS, differences: 0 };
export const LATE: SideFacts = { ageMs: 3 * HOUR_MS, differences: 0 };
export const DIFFERENT: SideFacts = { ageMs: undefined, differences: 7, reason: "7 of 32 differ" };

/** Fresh within an objective of two hours, one partition, nobody at work. */
export function someFacts(
  given: Omit<Partial<Facts>, "sides"> & { sides?: Partial<Facts["sides"]> } = {},
): Facts {
  return {
    nowMs: FACTS_NOW,
    group: "customer-orders",
    path: "batch",
    source: "orders",
    objectiveMs: 2 * HOUR_MS,
    youngestAgeMs: 10 * MINUTE_MS,
    worstPartition: undefined,
    atWork: undefined,
    failed: undefined,
    waitingFiles: 0,
    isRunOverdue: true,
    isBehindSource: false,
    stream: undefined,
    checkerQuietMs: 20_000,
    checkPeriodMs: MINUTE_MS,
    runStuckMs: 30 * MINUTE_MS,
    waits: 0,
    ...given,
    sides: { offline: FRESH, online: FRESH, hot: FRESH, ...given.sides },
  };
}

/** No event for three hours, on any side. */
export function silentFacts(given: Parameters<typeof someFacts>[0] = {}): Facts {
  return someFacts({
    youngestAgeMs: 3 * HOUR_MS,
    ...given,
    sides: { offline: LATE, online: LATE, hot: LATE, ...given.sides },
  });
}
