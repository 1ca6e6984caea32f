// Decides whether a slot that is being filled is done, and begins its run, or takes it up again, where whoever had claimed
// the slot died before.

import { describeRunState, resumeRun } from "../control/control-runs.ts";
import { ConflictError, LeaseHeldError } from "../errors/steward-error.ts";
import { findBegun, findHolder, isAtWork } from "../ledger/lease.ts";
import { findRun, type Run } from "../ledger/run.ts";
import type { ControlPorts } from "../ports/ports.ts";
import { REFRESH } from "../refresh/start-refresh.ts";
import { refreshFromIncoming } from "./refresh-from-incoming.ts";
import { type Claim, moveCursor, type ReadCursor } from "./slot-cursor.ts";

/** The lease is the first step of a run: later than this after the claim, none is under way. */
const WAY_TO_LEASE_MS = 60_000;

/** Its slot is settled; its run is at work; its run was begun, or taken up again, just now. */
export type Attendance = "settled" | "atWork" | "begun" | "continued";

/** Of any number of processes that do this at once, one acts. */
export async function attendClaim(
  ports: ControlPorts,
  group: string,
  cursor: ReadCursor,
  claim: Claim,
): Promise<Attendance> {
  const run = await findRun(ports.ledger, claim.runId);
  if (run === undefined)
    return (await mayAct(ports, group, cursor, claim)) ? begin(ports, group, claim) : "atWork";
  if (run.status !== "running") return attendEnded(ports, group, cursor, claim, run);
  const isInterrupted = (await describeRunState(ports, run)) === "interrupted";
  const isUnheld =
    !isInterrupted && isStranded(ports, claim, run) && (await mayAct(ports, group, cursor, claim));
  return isInterrupted || isUnheld ? takeUp(ports, run) : "atWork";
}

/** Begins the run of a claim with the files that wait; one that was begun meanwhile is left to its beginner. */
export async function begin(ports: ControlPorts, group: string, claim: Claim): Promise<Attendance> {
  try {
    await refreshFromIncoming(ports, { group, asOfMs: claim.slotMs, runId: claim.runId });
    return "begun";
  } catch (error) {
    if (error instanceof ConflictError) return "atWork";
    throw error;
  }
}

/** Whether a run, of the schedule or of a person, is at work on the group. */
export async function isGroupHeld(ports: ControlPorts, group: string): Promise<boolean> {
  const scope = { workflow: REFRESH, group };
  const holder = await findHolder(ports.ledger, scope);
  return holder !== undefined && isAtWork(ports, scope, holder.runId);
}

/** One that failed is somebody else's matter, and the next slot goes on; but one that only met another run has its turn yet. */
async function attendEnded(
  ports: ControlPorts,
  group: string,
  cursor: ReadCursor,
  claim: Claim,
  run: Run,
): Promise<Attendance> {
  if (run.status !== "failed" || run.error?.name !== LeaseHeldError.name) return "settled";
  const begun = await findBegun(ports.ledger, group);
  if (begun !== undefined && begun.asOfMs >= claim.slotMs) return "settled";
  if (await isGroupHeld(ports, group)) return "atWork";
  return (await mayAct(ports, group, cursor, claim)) ? takeUp(ports, run) : "atWork";
}

/** A run without a token has not come to its lease: its execution may not have begun. One of this process is on its way. */
function isStranded(
  { holders, timer }: ControlPorts,
  { process, claimedAtMs }: Claim,
  { token }: Run,
): boolean {
  if (token > 0) return false;
  return process !== holders.current() || timer.nowMs() - claimedAtMs > WAY_TO_LEASE_MS;
}

/** True for the process that has the claim, which one that is dead, or has kept it too long, gives up to whoever asks first. */
async function mayAct(
  { holders, ledger, settings, timer }: ControlPorts,
  group: string,
  cursor: ReadCursor,
  claim: Claim,
): Promise<boolean> {
  const process = holders.current();
  const nowMs = timer.nowMs();
  if (claim.process === process) return true;
  if (!holders.isGone(claim.process) && nowMs - claim.claimedAtMs < settings.leaseMs) return false;
  const taken = { ...cursor, claim: { ...claim, process, claimedAtMs: nowMs } };
  return (await moveCursor(ledger, group, cursor, taken)) !== undefined;
}

async function takeUp(ports: ControlPorts, { runId }: Run): Promise<Attendance> {
  try {
    await resumeRun(ports, runId);
    return "continued";
  } catch (error) {
    if (error instanceof LeaseHeldError) return "atWork"; // another took it up a moment ago
    throw error;
  }
}
