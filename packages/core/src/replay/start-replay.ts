// Decides whether a replay may be asked for, and writes down the run that will do it.

import { InvalidInputError } from "../errors/steward-error.ts";
import { executeRun, newRun } from "../ledger/attempt.ts";
import { createRun, type Run } from "../ledger/run.ts";
import type { ControlPorts } from "../ports/ports.ts";
import { requireStream } from "../streaming/put-events.ts";
import { type EpochMs, MIN_EPOCH_MS, toIso } from "../time/epoch-ms.ts";

export interface ReplayRequest {
  readonly group: string;
  /** Events that arrived at or after this; undefined: all that the stream still has. */
  readonly fromMs: EpochMs | undefined;
  /** Default: a new one. */
  readonly runId?: string;
}

/** The state machine that does it. */
export const REPLAY = "replay";

/** Starts a replay and returns at once. @throws NotFoundError for an unknown group, InvalidInputError for one without a stream, or an instant in the future. */
export async function startReplay(ports: ControlPorts, request: ReplayRequest): Promise<Run> {
  const group = ports.definitions.get(request.group);
  requireStream(group);
  const nowMs = ports.clock.now();
  const { fromMs } = request;
  if (fromMs !== undefined && fromMs > nowMs)
    throw new InvalidInputError(`a replay from ${toIso(fromMs)} lies in the future: now is ${toIso(nowMs)}`);
  const run = newRun(ports, {
    runId: request.runId ?? ports.ids.runId(),
    workflow: REPLAY,
    group: group.name,
    asOfMs: nowMs,
    fromMs: fromMs ?? MIN_EPOCH_MS,
    inputs: [],
    unitsPerSecond: ports.settings.unitsPerSecond ?? null,
  });
  await createRun(ports.ledger, run);
  await executeRun(ports, run, "plan");
  return run;
}
