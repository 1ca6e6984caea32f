// Decides whether a step may still act for its run: the run is running, the attempt is the present one, the lease is held.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import { LeaseLostError } from "../errors/steward-error.ts";
import type { Ports } from "../ports/ports.ts";
import { acquireLease, renewLease } from "./lease.ts";
import { getRun, type Run, type RunRef, updateRun } from "./run.ts";

export type LeaseHoldPorts = Pick<Ports, "ledger" | "timer" | "holders" | "settings">;
export type HoldPorts = LeaseHoldPorts & Pick<Ports, "definitions">;

const RENEWALS_PER_LEASE = 5;
const RENEWAL_POLL_MS = 25;

export interface Hold {
  readonly run: Run;
  readonly group: FeatureGroup;
}

/** The run and its group, with the lease renewed. @throws LeaseLostError when the run may act no more. */
export async function requireHold(ports: HoldPorts, ref: RunRef): Promise<Hold> {
  const run = await requireLease(ports, ref);
  return { run, group: ports.definitions.get(run.group) };
}

/** The run alone, of a workflow whose scope is no group. @throws LeaseLostError when the run may act no more. */
export async function requireLease(ports: LeaseHoldPorts, ref: RunRef): Promise<Run> {
  const run = await requireRunning(ports, ref);
  await renewLease(ports, run, run.token, ports.settings.leaseMs);
  return run;
}

/** Does long work with the lease renewed meanwhile. @throws LeaseLostError when it was lost, once the work has ended. */
export async function keepHold<T>(ports: LeaseHoldPorts, ref: RunRef, work: () => Promise<T>): Promise<T> {
  let isDone = false;
  const everyMs = ports.settings.leaseMs / RENEWALS_PER_LEASE;
  const renew = async (): Promise<void> => {
    for (let nextMs = ports.timer.nowMs() + everyMs; !isDone; await ports.timer.sleep(RENEWAL_POLL_MS)) {
      if (ports.timer.nowMs() < nextMs) continue;
      await requireLease(ports, ref);
      nextMs = ports.timer.nowMs() + everyMs;
    }
  };
  const working = work().finally(() => {
    isDone = true;
  });
  const [worked, renewed] = await Promise.allSettled([working, renew()]);
  if (renewed.status === "rejected") throw renewed.reason;
  if (worked.status === "rejected") throw worked.reason;
  return worked.value;
}

/** Takes the group's lease for the run and notes its token. @throws LeaseHeldError naming the run that has it. */
export async function takeHold(ports: HoldPorts, ref: RunRef): Promise<Hold> {
  const run = await takeLease(ports, ref);
  return { run, group: ports.definitions.get(run.group) };
}

/** Takes the lease of the run's scope and notes its token. @throws LeaseHeldError naming the run that has it. */
export async function takeLease(ports: LeaseHoldPorts, ref: RunRef): Promise<Run> {
  const { workflow, group, runId } = await requireRunning(ports, ref);
  const token = await acquireLease(ports, { workflow, group }, runId, ports.settings.leaseMs);
  return updateRun(ports.ledger, runId, (present) => ({ ...present, token }));
}

/** @throws LeaseLostError when the run has ended, or another attempt of it is at work. */
export async function requireRunning(
  ports: Pick<HoldPorts, "ledger">,
  { runId, attempt }: RunRef,
): Promise<Run> {
  const run = await getRun(ports.ledger, runId);
  if (run.status !== "running" || run.attempt !== attempt) {
    throw new LeaseLostError(
      `run ${runId} is ${run.status} at attempt ${run.attempt}: attempt ${attempt} may act no more`,
    );
  }
  return run;
}
