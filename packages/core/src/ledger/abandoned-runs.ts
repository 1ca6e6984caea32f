// Decides which attempts of a group will never end by themselves: earlier ones of a run, and unfinished runs that held
// the group before it. Leaves to the workflow what of theirs is removed.

import type { Ledger } from "../ports/ledger.ts";
import { listUnfinishedRuns, type Run, updateRun } from "./run.ts";

/** Supersedes the abandoned runs of the current run's workflow and group; their attempts, each as a run of that attempt. */
export async function supersedeAbandoned(ledger: Ledger, current: Run): Promise<readonly Run[]> {
  const attempts: Run[] = [];
  for (const run of await listUnfinishedRuns(ledger, current)) {
    if (run.runId === current.runId) {
      for (let attempt = 1; attempt < current.attempt; attempt += 1) attempts.push({ ...run, attempt });
    } else if (isAbandoned(run, current)) {
      await updateRun(ledger, run.runId, (present) =>
        present.status === "superseded"
          ? undefined
          : { ...present, status: "superseded", endedAtMs: present.endedAtMs ?? current.createdAtMs },
      );
      for (let attempt = 1; attempt <= run.attempt; attempt += 1) attempts.push({ ...run, attempt });
    }
  }
  return attempts;
}

/** Held the group before, with a smaller token, and has not succeeded. A run that waits for the lease has no token yet. */
function isAbandoned(run: Run, current: Run): boolean {
  return (
    run.status !== "succeeded" && run.status !== "superseded" && run.token > 0 && run.token < current.token
  );
}
