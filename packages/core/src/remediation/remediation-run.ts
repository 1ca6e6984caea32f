// Decides which run works on an incident: one at a time, of the incident's own id, and the next one numbered.

import { ConflictError } from "../errors/steward-error.ts";
import { executeRun, newRun } from "../ledger/attempt.ts";
import { createRun, findRun, type Run } from "../ledger/run.ts";
import type { ControlPorts } from "../ports/ports.ts";
import type { Incident } from "./incident.ts";

/** The state machine that does it. */
export const REMEDIATION = "remediation";
/** Stands where a run names its group, for the platform itself: no name of a group has a colon. */
export const PLATFORM = "platform:self";

export const scopeOf = (group: string | null): string => group ?? PLATFORM;

/** The run of the incident, written down and started where it is not; two processes start one. */
export async function ensureRemediation(ports: ControlPorts, incident: Incident): Promise<Run> {
  const found = await findRun(ports.ledger, incident.executionRun);
  if (found !== undefined) return found;
  const run = newRun(ports, {
    runId: incident.executionRun,
    workflow: REMEDIATION,
    group: scopeOf(incident.group),
    asOfMs: ports.clock.now(),
    inputs: [incident.incidentId],
  });
  try {
    await createRun(ports.ledger, run);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error; // another wrote it down a moment ago, and starts the same
  }
  await executeRun(ports, run, "plan");
  return run;
}

/** The incident that a run works on. */
export function incidentOf(run: Run): string {
  return run.inputs[0] ?? run.runId;
}

/** What follows `id`, `id-2` and so on. */
export function nextExecution({ incidentId, executionRun }: Incident): string {
  const number = executionRun === incidentId ? 1 : Number(executionRun.slice(incidentId.length + 1));
  return `${incidentId}-${number + 1}`;
}
