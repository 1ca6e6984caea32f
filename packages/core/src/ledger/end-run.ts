// Decides how a run's row and lease end, whatever its workflow: well, badly, or cancelled by a person.

import type { z } from "zod";
import type { PlainFailure } from "../errors/plain-failure.ts";
import type { Ports } from "../ports/ports.ts";
import { releaseLease, revokeLease } from "./lease.ts";
import { type Run, type RunRef, updateRun } from "./run.ts";

export type Failure = PlainFailure;

export type EndPorts = Pick<Ports, "ledger" | "timer">;

/** The run succeeded, with its report; the lease is given back. */
export async function endWell(ports: EndPorts, run: Run, outcome: string, report: object): Promise<void> {
  await updateRun(ports.ledger, run.runId, (present) => ({
    ...present,
    status: "succeeded",
    outcome,
    report: toJson(report),
    endedAtMs: ports.timer.nowMs(),
  }));
  await releaseLease(ports.ledger, run, run.token);
}

/** The attempt failed. A run that is not running any more, or is at another attempt, keeps its status. */
export async function endBadly(
  ports: EndPorts,
  run: Run,
  ref: RunRef,
  end: { readonly outcome: string; readonly failure: Failure; readonly report: object },
): Promise<void> {
  if (run.attempt !== ref.attempt) return;
  if (run.status === "running") {
    await updateRun(ports.ledger, ref.runId, (present) =>
      present.status === "running"
        ? {
            ...present,
            status: "failed",
            outcome: end.outcome,
            error: end.failure,
            report: toJson(end.report),
            endedAtMs: ports.timer.nowMs(),
          }
        : undefined,
    );
  }
  await releaseLease(ports.ledger, run, run.token);
}

/** Ends the run as cancelled and takes its lease, so that what it still tries is refused. */
export async function endCancelled(ports: EndPorts, runId: string): Promise<Run> {
  const run = await updateRun(ports.ledger, runId, (present) => ({
    ...present,
    status: "cancelled",
    outcome: "cancelled",
    error: null,
    endedAtMs: ports.timer.nowMs(),
  }));
  await revokeLease(ports.ledger, run, runId);
  return run;
}

export async function saveReport(ports: EndPorts, runId: string, report: object): Promise<void> {
  await updateRun(ports.ledger, runId, (present) => ({ ...present, report: toJson(report) }));
}

/** The report as the ledger keeps it: plain JSON. */
function toJson(report: object): Record<string, z.core.util.JSONType> {
  return JSON.parse(JSON.stringify(report));
}
