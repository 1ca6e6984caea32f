// Decides what the ledger says of a group's runs: which is at work and whether it still can be, and how the last refresh ended.

import { findWatermark, isAtWork } from "../ledger/lease.ts";
import { listUnfinishedRuns, type Run } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { REBUILD } from "../rebuild/start-rebuild.ts";
import { REFRESH } from "../refresh/start-refresh.ts";
import { REPLAY } from "../replay/start-replay.ts";
import type { FailedRun, RunAtWork } from "./facts.ts";
import { quietTimeOf } from "./run-progress.ts";

type RunPorts = Pick<Ports, "ledger" | "objects" | "timer" | "holders">;

/** A run takes its lease in its first step: one without it after so long was never begun, or its process died before. */
const BEGIN_MS = 10_000;
/** They ended before they did anything: nothing follows from them. */
const NEVER_BEGUN = new Set(["LeaseHeldError", "LeaseLostError"]);

/** The run that is at work on the group, the oldest first; a dead one before all others. */
export async function findRunAtWork(ports: RunPorts, group: string): Promise<RunAtWork | undefined> {
  const running: RunAtWork[] = [];
  for (const workflow of [REFRESH, REBUILD, REPLAY])
    for (const run of await listUnfinishedRuns(ports.ledger, { workflow, group }))
      if (run.status === "running") running.push(await toRunAtWork(ports, run));
  return running.find(({ isDead }) => isDead) ?? running[0];
}

/** Whoever ran it is known to be dead, its lease lapsed, or it never took one. */
export async function isDead(ports: RunPorts, run: Run): Promise<boolean> {
  if (await isAtWork(ports, run, run.runId)) return false;
  return run.token > 0 || (await quietTimeOf(ports, run)) >= BEGIN_MS;
}

async function toRunAtWork(ports: RunPorts, run: Run): Promise<RunAtWork> {
  const { runId, workflow } = run;
  return { runId, workflow, isDead: await isDead(ports, run), quietMs: await quietTimeOf(ports, run) };
}

/** The last refresh that did anything, where it failed and none has taken its place. */
export async function findFailedRun(ports: RunPorts, group: string): Promise<FailedRun | undefined> {
  const unfinished = await listUnfinishedRuns(ports.ledger, { workflow: REFRESH, group });
  const run = unfinished.filter(({ status, token }) => status !== "running" && token > 0).at(-1);
  if (run?.status !== "failed" || run.error === null || NEVER_BEGUN.has(run.error.name)) return undefined;
  const watermark = await findWatermark(ports.ledger, group);
  if (watermark !== undefined && watermark.asOfMs >= run.asOfMs) return undefined; // a later one has come past it
  const { runId, workflow, error, endedAtMs } = run;
  return { runId, workflow, errorName: error.name, failedAtMs: endedAtMs ?? run.createdAtMs };
}
