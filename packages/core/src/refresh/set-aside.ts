// Decides what a person can see of set-aside rows, and how those that pass by now enter the event table.

import { entitiesOf } from "../definitions/feature-group.ts";
import { InvalidInputError } from "../errors/steward-error.ts";
import { commitEvents, eventTablePrefix, readEventTable, replayedName } from "../ledger/event-table.ts";
import { findJson } from "../ledger/json-object.ts";
import { getRun } from "../ledger/run.ts";
import type { AppendedFile, SetAsideRow } from "../ports/batch-engine.ts";
import type { ControlPorts, Ports } from "../ports/ports.ts";
import { beginComputation } from "../suppression/computation.ts";
import { appendDocument, appendKey } from "./refresh-documents.ts";
import { appendJobOf } from "./run-batch.ts";

export interface SetAsideList {
  readonly count: number;
  /** By file and row, at most `limit`. Never holds a cell's text. */
  readonly rows: readonly SetAsideRow[];
}

/** The rows that a run set aside. @throws NotFoundError for an unknown run. */
export async function listSetAsideRows(ports: Ports, runId: string, limit: number): Promise<SetAsideList> {
  const files = await setAsideFiles(ports, runId);
  const keys = await presentKeys(ports, files);
  return {
    count: files.reduce((sum, { setAsideCount }) => sum + setAsideCount, 0),
    rows: keys.length === 0 ? [] : await ports.batchEngine.listSetAside(keys, limit),
  };
}

export interface Replay {
  readonly entered: number;
  readonly stillSetAside: number;
  readonly suppressed: number;
}

/**
 * Checks a run's set-aside rows again, under the source as it is declared now and the present time; those that pass
 * enter the event table under `<file>#set-aside`, from where the next refresh takes them. Done twice equals once.
 */
export async function replaySetAsideRows(
  ports: Ports & Pick<ControlPorts, "ids">,
  runId: string,
): Promise<Replay> {
  const run = await getRun(ports.ledger, runId);
  const group = ports.definitions.get(run.group);
  const files = (await setAsideFiles(ports, runId)).filter(({ setAsideKey }) => setAsideKey !== undefined);
  const table = await readEventTable(ports.objects, group.source.name);
  const held = files.filter(({ setAsideKey }) =>
    table.files.some((entry) => entry.setAsideKey === setAsideKey),
  );
  if (files.length > 0 && held.length === 0) {
    throw new InvalidInputError(
      `the files of run ${runId} never entered the event table, were replaced since, or have expired: correct the file and refresh with it`,
    );
  }
  if (held.length === 0) return { entered: 0, stillSetAside: 0, suppressed: 0 };
  const nowMs = ports.clock.now();
  const id = `${runId}-replay-${ports.ids.runId()}`;
  const computation = await beginComputation(ports, entitiesOf(group), { id, asOfMs: nowMs });
  try {
    const replayed = await ports.batchEngine.replaySetAside({
      ...appendJobOf(group, {
        appends: [],
        plannedAtMs: nowMs,
        suppressions: [...computation.suppressions],
      }),
      setAsideKeys: held.flatMap(({ setAsideKey }) => setAsideKey ?? []),
      outputPrefix: `${eventTablePrefix(group.source.name)}data/${id}/`,
    });
    await computation.keep();
    const named = replayed.map((file) => ({
      ...file,
      name: replayedName(file.name),
      contentId: replayedName(file.contentId),
    }));
    const entering = named.filter(({ eventCount }) => eventCount > 0);
    await commitEvents(ports.objects, group.source.name, `${runId}-replay`, entering);
    return toReplay(replayed);
  } finally {
    await computation.end();
  }
}

function toReplay(replayed: readonly AppendedFile[]): Replay {
  return {
    entered: replayed.reduce((sum, { eventCount }) => sum + eventCount, 0),
    stillSetAside: replayed.reduce((sum, { setAsideCount }) => sum + setAsideCount, 0),
    suppressed: replayed.reduce((sum, { suppressedCount }) => sum + suppressedCount, 0),
  };
}

/** Without those that have expired, or of which an erasure left no row. */
async function presentKeys(
  { objects }: Pick<Ports, "objects">,
  files: readonly { readonly setAsideKey?: string | undefined }[],
): Promise<readonly string[]> {
  const keys: string[] = [];
  for (const { setAsideKey } of files)
    if (setAsideKey !== undefined && (await objects.find(setAsideKey)) !== undefined) keys.push(setAsideKey);
  return keys;
}

async function setAsideFiles(ports: Ports, runId: string) {
  const { attempt } = await getRun(ports.ledger, runId);
  return (await findJson(ports.objects, appendKey({ runId, attempt }), appendDocument))?.value.files ?? [];
}
