// Decides how an incident, and the remediation that looked after it, read to a person.

import type { RemediationReport } from "@steward/core";
import type { IncidentDetail, IncidentRow } from "./incident-view.ts";
import { toTable } from "./table.ts";
import { toElapsedText } from "./words.ts";

const HEADLINES: Readonly<Record<string, string>> = {
  recovered: "Brought back",
  paged: "Paged a person for",
  left: "Left to the platform's own incident:",
  failed: "Failed to look after",
  cancelled: "Cancelled the remediation of",
};

export function toRemediationText(report: RemediationReport): string {
  const { outcome, group, durationMs, incidentId, decisions } = report;
  const headline = HEADLINES[outcome] ?? `${outcome}:`;
  return [
    `${headline} ${group} in ${toElapsedText(durationMs)} (incident ${incidentId}).`,
    ...decisions.map(toDecisionLine),
  ].join("\n");
}

export function toIncidentText(incident: IncidentDetail): string {
  const { incidentId, group, status, openedAt, closedAt, alarms, reason, decisions, runs } = incident;
  return [
    `Incident ${incidentId} of ${group ?? "the platform"}: ${status}, opened ${openedAt}${closedAt === null ? "" : `, closed ${closedAt}`}.`,
    `Alarms: ${alarms.join(", ")}.`,
    `Found: ${reason ?? "nothing yet"}.`,
    ...(runs.length === 0 ? [] : [`Runs: ${runs.join(", ")}.`]),
    ...(decisions.length === 0 ? [] : ["Decided:"]),
    ...decisions.map(toDecisionLine),
  ].join("\n");
}

function toDecisionLine({ at, what, reason }: IncidentDetail["decisions"][number]): string {
  return `  ${at}  ${what}: ${reason}.`;
}

export function toIncidentTable(rows: readonly IncidentRow[]): string {
  return toTable(
    ["INCIDENT", "GROUP", "STATUS", "DIAGNOSIS", "REMEDY", "OPENED", "CLOSED"],
    rows.map(({ incidentId, group, status, diagnosis, remedy, openedAt, closedAt }) => [
      incidentId,
      group ?? "(platform)",
      status,
      diagnosis ?? "-",
      remedy ?? "-",
      openedAt,
      closedAt ?? "-",
    ]),
  );
}
