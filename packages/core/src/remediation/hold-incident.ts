// Decides what a step of the remediation works on: its run, with the lease renewed, and the incident of that run.

import { type LeaseHoldPorts, requireLease } from "../ledger/hold.ts";
import type { Run, RunRef } from "../ledger/run.ts";
import { getIncident, type Incident } from "./incident.ts";
import { incidentOf } from "./remediation-run.ts";

export interface IncidentHold {
  readonly run: Run;
  readonly incident: Incident;
}

/** @throws LeaseLostError when the run may act no more. */
export async function holdIncident(ports: LeaseHoldPorts, ref: RunRef): Promise<IncidentHold> {
  const run = await requireLease(ports, ref);
  return { run, incident: await getIncident(ports.ledger, incidentOf(run)) };
}
