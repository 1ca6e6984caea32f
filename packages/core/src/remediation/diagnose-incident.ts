// Decides what the incident needs next, and writes the decision down with its reason before anything follows from it.

import type { RunRef } from "../ledger/run.ts";
import type { ControlPorts } from "../ports/ports.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { type Diagnosis, type DiagnosisKind, diagnose } from "./diagnosis.ts";
import { gatherFacts } from "./gather-facts.ts";
import { holdIncident } from "./hold-incident.ts";
import { type Incident, updateIncident } from "./incident.ts";
import { limitsOf } from "./remediation-settings.ts";
import { chooseRemedy, type Remedy, type RemedyHistory, type RemedyKind } from "./remedy.ts";
import { listSpent } from "./remedy-budget.ts";
import { toRemedyText } from "./remedy-text.ts";

export type NextStep = "apply" | "confirm" | "page" | "pause" | "close";

const NEXT: Readonly<Record<RemedyKind, NextStep>> = {
  restart: "apply",
  rerun: "apply",
  redrive: "apply",
  replay: "apply",
  rebuild: "apply",
  wait: "apply",
  pause: "pause",
  confirm: "confirm",
  page: "page",
  leave: "page",
};

/** Short, for it is waited for when the platform is closed; a period of the checker lasts many of them. */
const PATIENCE_MS = 2_000;
const POLL_MS = 100;

/** Looks again once a pause is over; `pause` after the patience, so that the state machine asks again. */
export async function diagnoseIncident(
  ports: ControlPorts,
  ref: RunRef,
  patienceMs = PATIENCE_MS,
): Promise<{ readonly next: NextStep }> {
  const patientUntilMs = ports.timer.nowMs() + patienceMs;
  for (;;) {
    const { incident } = await holdIncident(ports, ref);
    if (incident.status === "closed") return { next: "close" };
    const remedy = await decide(ports, incident);
    if (remedy.kind !== "pause") return { next: NEXT[remedy.kind] };
    while (ports.clock.now() < remedy.untilMs) {
      if (ports.timer.nowMs() >= patientUntilMs) return { next: "pause" };
      await ports.timer.sleep(POLL_MS);
    }
  }
}

async function decide(ports: ControlPorts, incident: Incident): Promise<Remedy> {
  const { atMs, diagnosis, remedy } = await considerIncident(ports, incident);
  await updateIncident(ports.ledger, incident.incidentId, (present) =>
    withDecision(present, diagnosis, remedy, { atMs, realMs: ports.timer.nowMs() }),
  );
  return remedy;
}

/** What would be decided now. Changes nothing. */
export async function considerIncident(
  ports: ControlPorts,
  incident: Incident,
): Promise<{ readonly atMs: EpochMs; readonly diagnosis: Diagnosis; readonly remedy: Remedy }> {
  const facts = await gatherFacts(ports, incident);
  const diagnosis = diagnose(facts);
  const history = await historyOf(ports, incident, diagnosis.kind, facts.nowMs);
  const remedy = chooseRemedy(diagnosis, history, limitsOf(ports.settings), facts.nowMs);
  return { atMs: facts.nowMs, diagnosis, remedy };
}

async function historyOf(
  ports: ControlPorts,
  { group, decisions }: Incident,
  found: DiagnosisKind,
  nowMs: EpochMs,
): Promise<RemedyHistory> {
  const lastOther = decisions.findLastIndex(({ diagnosis }) => diagnosis !== found);
  return {
    group,
    foundSinceMs: decisions[lastOther + 1]?.atMs ?? nowMs,
    spentAtMs: await listSpent(ports.ledger, group),
    tried: decisions.map(({ kind }) => kind),
  };
}

/** The same pause, looked at again, is one decision. */
function withDecision(
  incident: Incident,
  diagnosis: Diagnosis,
  remedy: Remedy,
  { atMs, realMs }: { readonly atMs: EpochMs; readonly realMs: number },
): Incident | undefined {
  const what = toRemedyText(remedy);
  if (remedy.kind === "pause" && incident.decisions.at(-1)?.what === what) return undefined;
  const isCourse = remedy.kind !== "pause" && remedy.kind !== "page" && remedy.kind !== "leave";
  const isConfirming = remedy.kind === "confirm";
  return {
    ...incident,
    status: isConfirming ? "confirming" : incident.status === "paged" ? "open" : incident.status,
    diagnosis: { kind: diagnosis.kind, reason: diagnosis.reason },
    decisions: [
      ...incident.decisions,
      {
        atMs,
        diagnosis: diagnosis.kind,
        kind: remedy.kind,
        what,
        reason: `${diagnosis.reason}; ${remedy.reason}`,
      },
    ],
    course: isCourse
      ? {
          remedy,
          number: incident.decisions.length,
          isApplied: isConfirming,
          runs: [],
          chosenRealMs: realMs,
          endedAtMs: isConfirming ? atMs : null,
        }
      : incident.course,
  };
}
