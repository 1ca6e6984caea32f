// Decides how a remedy is carried out: by the same runs that a person would start, and once, however often it is asked for.

import { cancelRun, redriveRun, resumeRun } from "../control/control-runs.ts";
import { InvalidInputError, LeaseHeldError, NotFoundError } from "../errors/steward-error.ts";
import { isAtWork } from "../ledger/lease.ts";
import { getRun, listRuns, type Run, type RunRef } from "../ledger/run.ts";
import type { ControlPorts } from "../ports/ports.ts";
import { REBUILD, startRebuild } from "../rebuild/start-rebuild.ts";
import { REFRESH } from "../refresh/start-refresh.ts";
import { REPLAY, startReplay } from "../replay/start-replay.ts";
import { refreshFromIncoming } from "../scheduling/refresh-from-incoming.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { holdIncident } from "./hold-incident.ts";
import { type Course, type Incident, updateIncident } from "./incident.ts";
import { limitsOf } from "./remediation-settings.ts";
import { isTreatment, type Remedy, type Treatment } from "./remedy.ts";
import { spend } from "./remedy-budget.ts";

/** False: it could not be carried out, and what stands in the way is the last decision. */
export async function applyRemedy(ports: ControlPorts, ref: RunRef): Promise<{ readonly applied: boolean }> {
  const { incident } = await holdIncident(ports, ref);
  const { course, incidentId } = incident;
  if (course === null || course.isApplied) return { applied: course !== null };
  try {
    const runs = await carryOut(ports, incident, course);
    await noteApplied(ports, incidentId, course.remedy, runs);
    return { applied: true };
  } catch (error) {
    const holder = error instanceof LeaseHeldError ? error.details.runId : undefined;
    if (typeof holder === "string") {
      const reason = `run ${holder} took the group first`;
      await noteApplied(ports, incidentId, { kind: "wait", runId: holder, reason }, [holder]);
      return { applied: true };
    }
    if (!(error instanceof InvalidInputError || error instanceof NotFoundError)) throw error;
    await noteRefused(ports, incidentId, error);
    return { applied: false };
  }
}

async function carryOut(ports: ControlPorts, incident: Incident, course: Course): Promise<readonly string[]> {
  const { remedy } = course;
  if (remedy.kind === "wait") return [remedy.runId];
  if (!isTreatment(remedy) || incident.group === null) return [];
  await spend(ports.ledger, incident.group, {
    key: `${incident.incidentId}-${course.number}`,
    atMs: ports.clock.now(),
    windowMs: limitsOf(ports.settings).budgetWindowMs,
  });
  const begun = await findBegun(ports, incident.group, remedy, course.chosenRealMs);
  return [(begun ?? (await begin(ports, incident.group, remedy))).runId];
}

async function begin(ports: ControlPorts, group: string, remedy: Treatment): Promise<Run> {
  switch (remedy.kind) {
    case "restart":
      return restart(ports, remedy.runId);
    case "rerun":
      return remedy.runId === null ? refreshFromIncoming(ports, { group }) : resumeRun(ports, remedy.runId);
    case "redrive":
      return redriveRun(ports, await getRun(ports.ledger, remedy.runId));
    case "replay":
      return startReplay(ports, { group, fromMs: (remedy.fromMs ?? undefined) as EpochMs | undefined });
    case "rebuild":
      return startRebuild(ports, { group, asOfMs: undefined, targets: remedy.targets });
    default:
      return remedy satisfies never;
  }
}

/** One whose process is dead goes on where it stood; another is cancelled first, which takes its lease and its files. */
async function restart(ports: ControlPorts, runId: string): Promise<Run> {
  const run = await getRun(ports.ledger, runId);
  if (run.status === "running" && (await isAtWork(ports, run, runId))) await cancelRun(ports, runId);
  return resumeRun(ports, runId);
}

/** A run that was started for this remedy before a kill came between. */
async function findBegun(
  { ledger }: ControlPorts,
  group: string,
  remedy: Treatment,
  chosenRealMs: number,
): Promise<Run | undefined> {
  const workflow = workflowOf(remedy);
  if (workflow === undefined) return undefined;
  return (await listRuns(ledger)).find(
    (run) => run.workflow === workflow && run.group === group && run.createdAtMs >= chosenRealMs,
  );
}

/** Of a remedy that starts a run of its own. */
function workflowOf(remedy: Treatment): string | undefined {
  if (remedy.kind === "rebuild") return REBUILD;
  if (remedy.kind === "replay") return REPLAY;
  return remedy.kind === "rerun" && remedy.runId === null ? REFRESH : undefined;
}

async function noteApplied(
  { ledger }: ControlPorts,
  incidentId: string,
  remedy: Remedy,
  runs: readonly string[],
): Promise<void> {
  await updateIncident(ledger, incidentId, (incident) => {
    if (incident.course === null) return undefined;
    return {
      ...incident,
      status: "remedying",
      runs: [...new Set([...incident.runs, ...runs])],
      course: { ...incident.course, remedy, isApplied: true, runs: [...runs] },
    };
  });
}

async function noteRefused(
  { ledger, clock }: ControlPorts,
  incidentId: string,
  error: InvalidInputError | NotFoundError,
): Promise<void> {
  const refused = { atMs: clock.now(), diagnosis: null, kind: "refused", what: "the remedy was refused" };
  await updateIncident(ledger, incidentId, (incident) => ({
    ...incident,
    decisions: [...incident.decisions, { ...refused, reason: error.message }],
  }));
}
