// Decides the figures of operating a stage: who is told, at what age, fill and cost, and how long the audit log is kept.

import type { AuditSettings } from "./audit.ts";
import type { BudgetSettings } from "./budgets.ts";
import type { PagesSettings } from "./pages.ts";
import type { AlarmSettings } from "./watched.ts";

export interface OperationsSettings {
  /** Nobody hears a topic without a subscription: what a deployment prints says so. */
  readonly paging: PagesSettings;
  readonly alarms: AlarmSettings;
  readonly budget: BudgetSettings;
  readonly audit: AuditSettings;
}

export function operationsSettings(isProd: boolean): OperationsSettings {
  return {
    paging: { pages: [], notices: [] },
    alarms: {
      checkPeriodMinutes: 5,
      queueIdleMinutes: 15,
      // SQS keeps a message for 4 days unless told otherwise (at most 14).
      chunkAgeHours: 48,
      // Kinesis keeps 7 days here (design §1): six are left to mend the reader.
      streamAgeHours: 24,
      // A refresh, a rebuild and the offline buffer may each hold an erasure up for hours; days are left to mend what does.
      uncertifiedHours: 72,
      unfinishedHours: 24,
      // ElastiCache user guide, "Which metrics should I monitor?", read 2026-11-25: 90 % of the engine's own thread.
      hotCpuPercent: 90,
      // What remains is room for a snapshot, and for the fences, which are never evicted.
      hotMemoryPercent: 80,
      // A failover may lose so much of what was acknowledged, erasures included (design §7, invariant 1).
      hotLagSeconds: 10,
    },
    // Above what a stage costs that does little (docs/cost.md): to be set once its first month is known.
    budget: { monthlyUsd: isProd ? 2_000 : 400 },
    audit: isProd
      ? { writeOnly: true, lockMode: "COMPLIANCE", lockDays: 365, keepDays: 400 }
      : { writeOnly: true, lockMode: "GOVERNANCE", lockDays: 1, keepDays: 7 },
  };
}
