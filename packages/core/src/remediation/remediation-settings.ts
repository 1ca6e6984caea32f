// The defaults of the remediation, each with its reason, in periods of the freshness checker where it waits for that.

import type { Settings } from "../ports/ports.ts";
import type { RemedyLimits } from "./remedy.ts";

/** Over a day a group shows whether remedies help; the number of them is a setting. */
const BUDGET_WINDOW_MS = 24 * 3_600_000;
/** One measure after the remedy, and one more. */
const COOL_DOWN_PERIODS = 2;
/** A beat that is late by a period was a pause; more is a fault. */
const CHECKER_GRACE_PERIODS = 1;
/** A failover takes 15 to 60 s; beyond, a new instance is on its way (3 to 10 min), and a person wants to know. */
const AWAY_GRACE_PERIODS = 3;
/** Three fine measures clear an alarm; twice that leaves room for measures that a busy minute delays. */
const CONFIRM_PERIODS = 6;

export function limitsOf({ remedyBudget, checkPeriodMs }: Settings): RemedyLimits {
  return {
    budget: remedyBudget,
    budgetWindowMs: BUDGET_WINDOW_MS,
    coolDownMs: COOL_DOWN_PERIODS * checkPeriodMs,
    awayGraceMs: AWAY_GRACE_PERIODS * checkPeriodMs,
    checkerGraceMs: CHECKER_GRACE_PERIODS * checkPeriodMs,
  };
}

/** How long a remedy that has ended gets until the alarm must have cleared. */
export function confirmTimeMs({ checkPeriodMs }: Settings): number {
  return CONFIRM_PERIODS * checkPeriodMs;
}
