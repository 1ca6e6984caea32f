// Decides what a refresh takes in that nobody gave files to: what was handed in for its source since.

import type { Run } from "../ledger/run.ts";
import type { ControlPorts } from "../ports/ports.ts";
import { startRefresh } from "../refresh/start-refresh.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { listWaitingFiles, noteBookmarks } from "./bookmark.ts";

export interface IncomingRequest {
  readonly group: string;
  /** Undefined: now. */
  readonly asOfMs?: EpochMs | undefined;
  /** Chosen before, so that the run is begun once whoever begins it; undefined: a new one. */
  readonly runId?: string | undefined;
  /** Write units a second over all workers; undefined: as the platform is set. */
  readonly unitsPerSecond?: number | undefined;
}

/**
 * Starts a refresh with the files that wait, and returns at once. Groups that share a source share its event table:
 * whichever is refreshed first takes a file in, and the others compute over the same events.
 * @throws as `startRefresh` does; ConflictError when a run of that id exists.
 */
export async function refreshFromIncoming(ports: ControlPorts, request: IncomingRequest): Promise<Run> {
  const { group, asOfMs, runId = ports.ids.runId(), unitsPerSecond } = request;
  const { path, source } = ports.definitions.get(group);
  const files = path === "batch" ? await listWaitingFiles(ports, source.name) : [];
  const pace = unitsPerSecond === undefined ? {} : { unitsPerSecond };
  const inputs = files.map(({ name }) => name);
  const run = await startRefresh(ports, { group, asOfMs, runId, inputs, ...pace });
  // After the run is there: whoever comes late to a run that another began may have seen files that it was never given.
  await noteBookmarks(ports.ledger, source.name, runId, files);
  return run;
}
