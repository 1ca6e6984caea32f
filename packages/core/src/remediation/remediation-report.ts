// Decides what a remediation says of itself when it ends, however it ends: what was found, what was done, what came of it.

import type { Run } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { toIso } from "../time/epoch-ms.ts";
import { getIncident } from "./incident.ts";
import { incidentOf } from "./remediation-run.ts";

export interface RemediationReport {
  readonly runId: string;
  readonly workflow: string;
  readonly group: string;
  /** `recovered`, `paged`, `left`, `failed` or `cancelled`. */
  readonly outcome: string;
  readonly asOf: string;
  readonly incidentId: string;
  readonly alarms: readonly string[];
  /** The last one; null: none was made. */
  readonly diagnosis: { readonly kind: string; readonly reason: string } | null;
  readonly decisions: readonly {
    readonly at: string;
    readonly diagnosis: string | null;
    readonly kind: string;
    readonly what: string;
    readonly reason: string;
  }[];
  /** Runs that remedies started or waited for. */
  readonly runs: readonly string[];
  /** It writes no records: its remedies' runs count theirs. */
  readonly counts: null;
  readonly durationMs: number;
}

export async function reportRemediation(
  { ledger, timer }: Pick<Ports, "ledger" | "timer">,
  run: Run,
  outcome: string,
): Promise<RemediationReport> {
  const { incidentId, alarms, diagnosis, decisions, runs } = await getIncident(ledger, incidentOf(run));
  return {
    runId: run.runId,
    workflow: run.workflow,
    group: run.group,
    outcome,
    asOf: toIso(run.asOfMs),
    incidentId,
    alarms,
    diagnosis,
    decisions: decisions.map(({ atMs, ...decision }) => ({ at: toIso(atMs), ...decision })),
    runs,
    counts: null,
    durationMs: Math.max(0, Math.round(timer.nowMs() - run.createdAtMs)),
  };
}
