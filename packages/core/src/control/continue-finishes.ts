// Decides which erasures are finished now: those whose date has come, begun or taken up again, each by one process.

import { listDueFinishes, startFinish } from "../erasure/finish-erasure.ts";
import { LeaseHeldError } from "../errors/steward-error.ts";
import type { Run } from "../ledger/run.ts";
import type { ControlPorts } from "../ports/ports.ts";
import { describeRunState, resumeRun } from "./control-runs.ts";

/** A finish that fails so often waits for a person, who resumes it. */
const MAX_ATTEMPTS = 5;

/** The runs that this process now holds; those that others are at work on are left to them. */
export async function continueFinishes(ports: ControlPorts): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (const request of await listDueFinishes(ports)) {
    const isBegun = request.finishRunId !== null;
    const run = await startFinish(ports, request);
    if (!isBegun) runs.push(run);
    else if (await isLeftLying(ports, run)) runs.push(...(await takeUp(ports, run)));
  }
  return runs;
}

async function isLeftLying(ports: ControlPorts, run: Run): Promise<boolean> {
  const state = await describeRunState(ports, run);
  if (state === "interrupted") return true;
  return (state === "failed" || state === "cancelled") && run.attempt < MAX_ATTEMPTS;
}

async function takeUp(ports: ControlPorts, run: Run): Promise<readonly Run[]> {
  try {
    return [await resumeRun(ports, run.runId)];
  } catch (error) {
    if (error instanceof LeaseHeldError) return []; // another took it up a moment ago
    throw error;
  }
}
