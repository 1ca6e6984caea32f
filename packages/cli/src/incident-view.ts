// Decides how incidents are shown: as a row of a list, or one with all that is known of it.

import type { Incident } from "@steward/core";

export interface IncidentRow {
  readonly incidentId: string;
  /** Null: the platform itself. */
  readonly group: string | null;
  readonly status: string;
  /** The last diagnosis; null: none yet. */
  readonly diagnosis: string | null;
  /** The last remedy that was begun; null: none. */
  readonly remedy: string | null;
  readonly openedAt: string;
  readonly closedAt: string | null;
}

export interface IncidentDetail extends IncidentRow {
  readonly reason: string | null;
  readonly alarms: readonly string[];
  readonly runs: readonly string[];
  readonly executionRun: string;
  readonly decisions: readonly {
    readonly at: string;
    readonly diagnosis: string | null;
    readonly kind: string;
    readonly what: string;
    readonly reason: string;
  }[];
}

export async function toIncidentRow(incident: Incident): Promise<IncidentRow> {
  const { toIso } = await import("@steward/core");
  const { incidentId, group, status, diagnosis, course, openedAtMs, closedAtMs } = incident;
  return {
    incidentId,
    group,
    status,
    diagnosis: diagnosis?.kind ?? null,
    remedy: course?.isApplied === true ? course.remedy.kind : null,
    openedAt: toIso(openedAtMs),
    closedAt: closedAtMs === null ? null : toIso(closedAtMs),
  };
}

export async function toIncidentDetail(incident: Incident): Promise<IncidentDetail> {
  const { toIso } = await import("@steward/core");
  const { diagnosis, alarms, runs, executionRun, decisions } = incident;
  return {
    ...(await toIncidentRow(incident)),
    reason: diagnosis?.reason ?? null,
    alarms,
    runs,
    executionRun,
    decisions: decisions.map(({ atMs, ...decision }) => ({ at: toIso(atMs), ...decision })),
  };
}
