// Decides what a person can see of set-aside rows, and how those that pass by now enter the event table.

import { entitiesOf } from "../definitions/feature-group.ts";
import { InvalidInputError } from "../errors/steward-error.ts";
import { endAsOf, registerAsOf } from "../ledger/as-of.ts";
import { commitEvents, eventTablePrefix, readEventTable, replayedName } from "../ledger/event-table.ts";
import { findJson } from "../ledger/json-object.ts";
import { getRun } from "../ledger/run.ts";
import type { SetAsideRow } from "../ports/batch-engine.ts";
import type { Ports } from "../ports/ports.ts";
import { readSuppressions } from "../suppression/read-suppressions.ts";
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
  const keys = files.flatMap(({ setAsideKey }) => setAsideKey ?? []);
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
export async function replaySetAsideRows(ports: Ports, runId: string): Promise<Replay> {
  const run = await getRun(ports.ledger, runId);
  const group = ports.definitions.get(run.group);
  const files = (await setAsideFiles(ports, runId)).filter(({ setAsideKey }) => setAsideKey !== undefined);
  const table = await readEventTable(ports.objects, group.source.name);
  const held = files.filter(({ setAsideKey }) =>
    table.files.some((entry) => entry.setAsideKey === setAsideKey),
  );
  if (files.length > 0 && held.length === 0) {
    throw new InvalidInputError(
      `the files of run ${runId} never entered the event table, or were replaced since: correct the file and refresh with it`,
    );
  }
  if (held.length === 0) return { entered: 0, stillSetAside: 0, suppressed: 0 };
  const nowMs = ports.clock.now();
  const ref = { runId: `${runId}-replay`, attempt: run.attempt };
  const suppressions = [];
  for (const entity of entitiesOf(group)) {
    await registerAsOf(ports.ledger, entity, { ...ref, asOfMs: nowMs });
    suppressions.push(...(await readSuppressions(ports.ledger, entity)));
  }
  const replayed = await ports.batchEngine.replaySetAside({
    ...appendJobOf(group, { appends: [], plannedAtMs: nowMs, suppressions: [...suppressions] }),
    setAsideKeys: held.flatMap(({ setAsideKey }) => setAsideKey ?? []),
    outputPrefix: `${eventTablePrefix(group.source.name)}data/${ref.runId}-${nowMs}/`,
  });
  const named = replayed.map((file) => ({
    ...file,
    name: replayedName(file.name),
    contentId: replayedName(file.contentId),
  }));
  await commitEvents(
    ports.objects,
    group.source.name,
    ref.runId,
    named.filter(({ eventCount }) => eventCount > 0),
  );
  for (const entity of entitiesOf(group)) await endAsOf(ports.ledger, entity, ref);
  return {
    entered: replayed.reduce((sum, { eventCount }) => sum + eventCount, 0),
    stillSetAside: replayed.reduce((sum, { setAsideCount }) => sum + setAsideCount, 0),
    suppressed: replayed.reduce((sum, { suppressedCount }) => sum + suppressedCount, 0),
  };
}

async function setAsideFiles(ports: Ports, runId: string) {
  const { attempt } = await getRun(ports.ledger, runId);
  return (await findJson(ports.objects, appendKey({ runId, attempt }), appendDocument))?.value.files ?? [];
}
