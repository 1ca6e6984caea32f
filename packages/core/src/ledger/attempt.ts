// Decides how a run and each attempt of it begin: anew, or as the same attempt at its writes; each is an execution of its own.

import type { Ledger } from "../ports/ledger.ts";
import type { StateMachines } from "../ports/state-machines.ts";
import type { Timer } from "../ports/timer.ts";
import { type Run, updateRun } from "./run.ts";

/** What distinguishes a run from others at its beginning. */
export type NewRun = Pick<Run, "runId" | "workflow" | "group" | "asOfMs" | "inputs"> &
  Partial<Pick<Run, "fromMs" | "targets" | "unitsPerSecond">>;

/** Each attempt, and each redrive of one, is an execution of its own. */
export function executionName({
  runId,
  attempt,
  redrives,
}: Pick<Run, "runId" | "attempt" | "redrives">): string {
  return redrives === 0 ? `${runId}-${attempt}` : `${runId}-${attempt}-${redrives}`;
}

/** Starts the state machine of the run's workflow, at its plan or (a redrive) at its writes. */
export async function executeRun(
  ports: { readonly stateMachines: StateMachines },
  run: Run,
  begin: "plan" | "writes",
): Promise<void> {
  await ports.stateMachines.start(run.workflow, executionName(run), {
    runId: run.runId,
    attempt: run.attempt,
    group: run.group,
    begin,
  });
}

const OPEN = { status: "running", endedAtMs: null, outcome: null, error: null, report: null } as const;

/** A run that begins now with its first attempt; `createRun` writes it down. */
export function newRun({ timer }: { readonly timer: Timer }, given: NewRun): Run {
  return { ...given, ...OPEN, attempt: 1, redrives: 0, token: 0, createdAtMs: timer.nowMs() };
}

/** Takes an ended run up again from its beginning, as a new attempt with files of its own. */
export async function createAttempt(ledger: Ledger, runId: string): Promise<Run> {
  return updateRun(ledger, runId, (run) => ({
    ...run,
    ...OPEN,
    attempt: run.attempt + 1,
    redrives: 0,
    token: 0,
  }));
}

/** Takes a failed run up again at its writes: same attempt, same files. */
export async function reopenAttempt(ledger: Ledger, runId: string): Promise<Run> {
  return updateRun(ledger, runId, (run) => ({ ...run, ...OPEN, redrives: run.redrives + 1 }));
}
