// Decides whether a refresh may be asked for, and writes down the run that will do it.

import { InvalidInputError } from "../errors/steward-error.ts";
import { executeRun, newRun } from "../ledger/attempt.ts";
import { createRun, type Run } from "../ledger/run.ts";
import type { Clock } from "../ports/clock.ts";
import type { Definitions } from "../ports/definitions.ts";
import type { Ids } from "../ports/ids.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { ControlPorts } from "../ports/ports.ts";
import type { Timer } from "../ports/timer.ts";
import { type EpochMs, toIso } from "../time/epoch-ms.ts";

export interface RefreshRequest {
  readonly group: string;
  /** Undefined: now. */
  readonly asOfMs: EpochMs | undefined;
  /** Full paths or keys of files for the event table. */
  readonly inputs: readonly string[];
  /** Write units a second over all workers; undefined: as fast as the stores take them. */
  readonly unitsPerSecond?: number | undefined;
  /** Chosen before, so that the run is begun once whoever begins it; undefined: a new one. */
  readonly runId?: string | undefined;
}

/** The state machine that does it. */
export const REFRESH = "refresh";
export interface StartPorts {
  readonly clock: Clock;
  readonly definitions: Definitions;
  readonly ids: Ids;
  readonly ledger: Ledger;
  readonly timer: Timer;
}

/** Creates the run. @throws NotFoundError for an unknown group, InvalidInputError for an as-of in the future,
 * ConflictError when a run of that id exists. */
export async function createRefresh(ports: StartPorts, request: RefreshRequest): Promise<Run> {
  const group = ports.definitions.get(request.group);
  if (group.path === "stream")
    throw new InvalidInputError(
      `group "${group.name}" is fed by a stream: \`steward put ${group.name} --file FILE\` adds events, \`steward replay ${group.name}\` reads them again`,
    );
  const nowMs = ports.clock.now();
  const asOfMs = request.asOfMs ?? nowMs;
  if (asOfMs > nowMs) {
    throw new InvalidInputError(`as-of ${toIso(asOfMs)} lies in the future: now is ${toIso(nowMs)}`);
  }
  const run = newRun(ports, {
    runId: request.runId ?? ports.ids.runId(),
    workflow: REFRESH,
    group: group.name,
    asOfMs,
    inputs: [...request.inputs],
    unitsPerSecond: request.unitsPerSecond ?? null,
  });
  await createRun(ports.ledger, run);
  return run;
}

/** Starts a refresh and returns at once. @throws NotFoundError for an unknown group, InvalidInputError for a future as-of. */
export async function startRefresh(ports: ControlPorts, request: RefreshRequest): Promise<Run> {
  const run = await createRefresh(ports, { unitsPerSecond: ports.settings.unitsPerSecond, ...request });
  await executeRun(ports, run, "plan");
  return run;
}
