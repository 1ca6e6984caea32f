// Decides how subjects leave what features are computed from, and what was left lying: the event table, rows that were set
// aside, appends that never entered, staged files. Looks at queue and dead letters, which hold references alone.

import { dropEventFiles, eventTablePrefix, readEventTable } from "../ledger/event-table.ts";
import { keepHold } from "../ledger/hold.ts";
import type { RunRef } from "../ledger/run.ts";
import { expireSetAside } from "../ledger/set-aside-expiry.ts";
import type { ObjectVersion } from "../ports/object-store.ts";
import type { Ports } from "../ports/ports.ts";
import { parseChunkReference } from "../writing/chunk.ts";
import { eraseFiles, gatherRefusals } from "./erase-files.ts";
import { type CopyPlace, noteFindings } from "./erasure-documents.ts";
import { holdSuppressed, type SuppressedHold, toFileSubjects } from "./erasure-hold.ts";
import { eventLayout, type SourceScope, setAsideLayout } from "./erasure-scope.ts";
import { listLeftBehind, STAGING_PREFIX } from "./left-behind.ts";

/** Done twice equals once. @throws DataRejectedError naming the files that cannot be written again unharmed; all others are erased then. */
export async function eraseEvents(ports: Ports, ref: RunRef): Promise<{ readonly sources: number }> {
  const hold = await holdSuppressed(ports, ref);
  return keepHold(ports, ref, async () => {
    await removeLeftBehind(
      ports,
      hold,
      { copy: "staging", name: "all" },
      await listLeftBehind(ports, STAGING_PREFIX),
    );
    const refusal = await gatherRefusals(hold.scope.sources, 1, (scope) => eraseSource(ports, hold, scope));
    await lookAtQueue(ports, hold);
    if (refusal !== undefined) throw refusal;
    return { sources: hold.scope.sources.length };
  });
}

export const dataPrefix = (source: string): string => `${eventTablePrefix(source)}data/`;

/** Set-aside rows lie beside the events of their append. */
export const isSetAside = (source: string, key: string): boolean =>
  /^[^/]+\/set-aside/.test(key.slice(dataPrefix(source).length));

async function eraseSource(ports: Ports, hold: SuppressedHold, scope: SourceScope): Promise<void> {
  const { source, columns } = scope;
  await expireSetAside(ports, source.name);
  await removeUncommitted(ports, hold, source.name);
  const versions = await ports.objects.listVersions(dataPrefix(source.name));
  const subjects = toFileSubjects(hold);
  const publish = async (key: string, rowCount: number | undefined, put: () => Promise<boolean>) => {
    if (rowCount === undefined) await dropEventFiles(ports.objects, source.name, new Set([key]));
    return put();
  };
  await eraseFiles(ports, hold, {
    place: { copy: "event table", name: source.name },
    versions: versions.filter(({ key }) => !isSetAside(source.name, key)),
    rows: { layout: eventLayout(source), columns, subjects },
    publish,
  });
  await eraseFiles(ports, hold, {
    place: { copy: "set-aside rows", name: source.name },
    versions: versions.filter(({ key }) => isSetAside(source.name, key)),
    rows: { layout: setAsideLayout(source), columns, subjects },
    publish,
  });
}

/** Event files that the table's index does not name, of computations that have ended, go whole; set-aside rows stay. */
async function removeUncommitted(ports: Ports, hold: SuppressedHold, source: string): Promise<void> {
  const leftBehind = await listLeftBehind(ports, dataPrefix(source));
  const { files, removing } = await readEventTable(ports.objects, source);
  const named = new Set([...files.map(({ eventKey }) => eventKey), ...removing]);
  const unnamed = leftBehind.filter(({ key }) => !named.has(key) && !isSetAside(source, key));
  await removeLeftBehind(ports, hold, { copy: "uncommitted appends", name: source }, unnamed);
}

async function removeLeftBehind(
  ports: Ports,
  { requestId, suppressedAtMs }: SuppressedHold,
  place: CopyPlace,
  versions: readonly ObjectVersion[],
): Promise<void> {
  const counted = { lookedAt: versions.length, going: versions.length, newerKept: 0 };
  await noteFindings(ports.objects, requestId, place, { units: { [place.name]: counted } });
  await ports.objects.removeVersions(versions);
  await noteFindings(ports.objects, requestId, place, {
    units: {},
    logicallyGoneAtMs: suppressedAtMs,
    physicallyGoneAtMs: ports.clock.now(),
  });
}

const LETTERS_LOOKED_AT = 100_000;

/** What is no reference is counted as kept, and stays for a person to look at: it is nobody's work to read it. */
async function lookAtQueue(ports: Ports, { requestId, suppressedAtMs }: SuppressedHold): Promise<void> {
  const { ready, inFlight } = await ports.chunkQueue.depth();
  const letters = await ports.chunkQueue.listDeadLetters(LETTERS_LOOKED_AT);
  const strange = letters.filter(({ body }) => parseChunkReference(body) === undefined).length;
  const gone = { logicallyGoneAtMs: suppressedAtMs, physicallyGoneAtMs: suppressedAtMs };
  await noteFindings(
    ports.objects,
    requestId,
    { copy: "queue", name: "chunks" },
    {
      units: { chunks: { lookedAt: ready + inFlight, going: 0, newerKept: 0 } },
      ...gone,
    },
  );
  await noteFindings(
    ports.objects,
    requestId,
    { copy: "dead letters", name: "chunks" },
    {
      units: { chunks: { lookedAt: letters.length, going: 0, newerKept: strange } },
      ...(strange === 0 ? gone : {}),
    },
  );
}
