// Decides whether a rebuild may be asked for, and writes down the run that will do it.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import { InvalidInputError, NotFoundError } from "../errors/steward-error.ts";
import { executeRun, newRun } from "../ledger/attempt.ts";
import { getPlace } from "../ledger/group-place.ts";
import { findOfflineFiles } from "../ledger/offline-manifest.ts";
import { createRun, type Run, TARGETS, type Target } from "../ledger/run.ts";
import type { OfflineFile } from "../ports/batch-engine.ts";
import type { ControlPorts, Ports } from "../ports/ports.ts";
import { type EpochMs, toIso } from "../time/epoch-ms.ts";

export interface RebuildRequest {
  readonly group: string;
  /** Undefined: now. */
  readonly asOfMs: EpochMs | undefined;
  /** Undefined: both stores. */
  readonly targets?: readonly Target[] | undefined;
  /** Write units a second over all workers; undefined: as fast as the stores take them. */
  readonly unitsPerSecond?: number | undefined;
  /** Chosen before, so that the run is begun once whoever begins it; undefined: a new one. */
  readonly runId?: string | undefined;
}

/** The state machine that does it. */
export const REBUILD = "rebuild";

export interface CheckedRebuild {
  readonly group: FeatureGroup;
  readonly asOfMs: EpochMs;
  readonly targets: readonly Target[];
  readonly files: readonly OfflineFile[];
}

/** What is asked for, once it can be done. @throws NotFoundError for an unknown group or one without offline records, InvalidInputError for an as-of in the future. */
export async function checkRebuild(
  ports: Pick<Ports, "clock" | "definitions" | "ledger" | "objects">,
  request: RebuildRequest,
): Promise<CheckedRebuild> {
  const group = ports.definitions.get(request.group);
  const nowMs = ports.clock.now();
  const asOfMs = request.asOfMs ?? nowMs;
  if (asOfMs > nowMs)
    throw new InvalidInputError(`as-of ${toIso(asOfMs)} lies in the future: now is ${toIso(nowMs)}`);
  const { offlinePrefix } = await getPlace(ports.ledger, group.name);
  const files = await findOfflineFiles(ports.objects, offlinePrefix);
  if (files.length === 0) {
    const first =
      group.path === "stream"
        ? `steward replay ${group.name} --from oldest`
        : `steward refresh ${group.name}`;
    throw new NotFoundError(
      `group "${group.name}" has nothing in the offline store to rebuild from: \`${first}\` comes first`,
    );
  }
  return { group, asOfMs, targets: request.targets ?? TARGETS, files };
}

/** Starts a rebuild and returns at once. @throws as `checkRebuild` does, ConflictError when a run of that id exists; then
 * no run was made. */
export async function startRebuild(ports: ControlPorts, request: RebuildRequest): Promise<Run> {
  const { group, asOfMs, targets } = await checkRebuild(ports, request);
  const run = newRun(ports, {
    runId: request.runId ?? ports.ids.runId(),
    workflow: REBUILD,
    group: group.name,
    asOfMs,
    inputs: [],
    unitsPerSecond: request.unitsPerSecond ?? ports.settings.unitsPerSecond ?? null,
    targets: [...targets],
  });
  await createRun(ports.ledger, run);
  await executeRun(ports, run, "plan");
  return run;
}
