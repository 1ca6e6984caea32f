// Decides which event files make up a source's event table: one index, changed by conditional put, so that the files
// of one command enter all or none.

import { z } from "zod";
import { ConflictError } from "../errors/steward-error.ts";
import type { AppendedFile, EventFile, InspectedFile } from "../ports/batch-engine.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { findJson, purgeKey, putJson } from "./json-object.ts";

const entry = z.object({
  /** Full path or key of the input file, and the SHA-256 of its bytes. */
  name: z.string(),
  contentId: z.string(),
  /** Undefined: no event of the file was left. */
  eventKey: z.string().optional(),
  setAsideKey: z.string().optional(),
  sequence: z.number(),
  rowCount: z.number(),
  eventCount: z.number(),
  setAsideCount: z.number(),
  runId: z.string(),
  /** By the platform's clock: set-aside rows expire so long after it. Absent of entries before it was kept. */
  appendedAtMs: z.number().optional(),
  /** The youngest event of the file; absent without one, and of entries before it was kept. */
  maxEventTimeMs: z.number().optional(),
});
const index = z.object({
  nextSequence: z.number(),
  files: z.array(entry),
  /** Keys of replaced files that are not gone yet: a commit that is killed leaves their names here. */
  removing: z.array(z.string()).default([]),
});
export type EventTable = Readonly<z.infer<typeof index>>;
export type EventTableEntry = Readonly<z.infer<typeof entry>>;

const EMPTY: EventTable = { nextSequence: 1, files: [], removing: [] };
/** Rows of a file that were set aside and passed later stand under its name and this; they go when it is replaced. */
const SET_ASIDE_SUFFIX = "#set-aside";
const MAX_TRIES = 20;

export const eventTablePrefix = (source: string): string => `events/${source}/`;
const indexKey = (source: string): string => `${eventTablePrefix(source)}index.json`;

/** The table as committed; empty when nothing was ever appended. */
export async function readEventTable(objects: ObjectStore, source: string): Promise<EventTable> {
  return (await findJson(objects, indexKey(source), index))?.value ?? EMPTY;
}

/** The files that a computation reads, by name. */
export function toEventFiles(table: EventTable): readonly EventFile[] {
  return table.files
    .flatMap(({ eventKey, name, sequence }) =>
      eventKey === undefined ? [] : [{ key: eventKey, name, sequence }],
    )
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** Names the events of a table: equal exactly when the same contents stand under the same names. */
export function describeEvents(table: EventTable): string {
  return table.files
    .map(({ name, contentId, setAsideCount }) => `${contentId} ${setAsideCount} ${name}`)
    .sort()
    .join("\n");
}

/** Of the files handed in, those whose content the table does not hold under any name; each content once. */
export function newFiles(table: EventTable, files: readonly InspectedFile[]): readonly InspectedFile[] {
  const known = new Set(table.files.map(({ contentId }) => contentId));
  return files.filter(({ contentId }) => !known.has(contentId) && known.add(contentId));
}

/**
 * Commits appended files, all in one put; files of the same name are replaced and their events removed for good, and so are
 * those of a content that stands under another name by now.
 * The same again changes nothing.
 */
export async function commitEvents(
  objects: ObjectStore,
  source: string,
  runId: string,
  appended: readonly AppendedFile[],
  appendedAtMs?: EpochMs,
): Promise<void> {
  await changeTable(objects, source, (before) => toCommitted(before, runId, appended, appendedAtMs));
  await removeReplaced(objects, source);
}

/** The table with the files that it does not have; undefined: it has them all. Pure. */
function toCommitted(
  before: EventTable,
  runId: string,
  appended: readonly AppendedFile[],
  appendedAtMs: EpochMs | undefined,
): EventTable | undefined {
  const unknown = appended.filter(
    ({ eventKey, contentId }) =>
      !before.files.some((file) => file.contentId === contentId && file.eventKey === eventKey),
  );
  if (unknown.length === 0) return undefined;
  const appendedNames = new Set(unknown.flatMap(({ name }) => [name, replayedName(name)]));
  const others = before.files.filter(({ name }) => !appendedNames.has(name));
  // Another command entered the content under another name since this one looked: its events would count twice.
  const known = new Set(others.map(({ contentId }) => contentId));
  const fresh = unknown.filter(({ contentId }) => !known.has(contentId));
  const names = new Set(fresh.flatMap(({ name }) => [name, replayedName(name)]));
  const replaced = before.files.filter(({ name }) => names.has(name));
  const going = [...replaced, ...unknown.filter(({ contentId }) => known.has(contentId))];
  return {
    nextSequence: before.nextSequence + fresh.length,
    files: [
      ...before.files.filter(({ name }) => !names.has(name)),
      ...fresh.map((file, offset) => ({
        ...toEntry(file, runId, before.nextSequence + offset),
        ...(appendedAtMs === undefined ? {} : { appendedAtMs }),
      })),
    ],
    removing: [
      ...before.removing,
      ...going.flatMap(({ eventKey, setAsideKey }) => [eventKey ?? [], setAsideKey ?? []].flat()),
    ],
  };
}

/** Names these objects no longer: no row of them is left. What was counted of them stays, for it tells contents apart. */
export async function dropEventFiles(
  objects: ObjectStore,
  source: string,
  keys: ReadonlySet<string>,
): Promise<void> {
  await changeTable(objects, source, (before) => withoutKeys(before, keys)?.table);
}

/** Names these event files no longer and removes them, every version; what earlier calls that were killed left too. */
export async function expireEventFiles(
  objects: ObjectStore,
  source: string,
  keys: ReadonlySet<string>,
): Promise<void> {
  await changeTable(objects, source, (before) => {
    const left = withoutKeys(before, keys);
    return left && { ...left.table, removing: [...before.removing, ...left.named] };
  });
  await removeReplaced(objects, source);
}

/** The table that names none of the keys, and those that it named; undefined: it named none. Pure. */
function withoutKeys(before: EventTable, keys: ReadonlySet<string>) {
  const isKept = (key: string | undefined): boolean => key !== undefined && !keys.has(key);
  const named = before.files
    .flatMap(({ eventKey, setAsideKey }) => [eventKey ?? [], setAsideKey ?? []].flat())
    .filter((key) => keys.has(key));
  if (named.length === 0) return undefined;
  const files = before.files.map(({ eventKey, setAsideKey, ...entry }) => ({
    ...entry,
    ...(isKept(eventKey) ? { eventKey } : {}),
    ...(isKept(setAsideKey) ? { setAsideKey } : {}),
  }));
  return { table: { ...before, files }, named };
}

/** By conditional put, as often as others come between. `change` gives what the table becomes; undefined: it stays. */
async function changeTable(
  objects: ObjectStore,
  source: string,
  change: (before: EventTable) => EventTable | undefined,
): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const found = await findJson(objects, indexKey(source), index);
    const after = change(found?.value ?? EMPTY);
    if (after === undefined) return;
    const condition = found === undefined ? "absent" : { etag: found.etag };
    if ((await putJson(objects, indexKey(source), after, condition)).kind === "stored") return;
  }
  throw new ConflictError(
    `the event table of source "${source}" was changed by others ${MAX_TRIES} times in a row`,
  );
}

/** The name under which a file's set-aside rows enter once they pass. */
export function replayedName(name: string): string {
  return `${name}${SET_ASIDE_SUFFIX}`;
}

/** Whoever comes after a commit that was killed finishes its removal. */
async function removeReplaced(objects: ObjectStore, source: string): Promise<void> {
  const found = await findJson(objects, indexKey(source), index);
  if (found === undefined || found.value.removing.length === 0) return;
  for (const key of found.value.removing) await purgeKey(objects, key);
  const after: EventTable = { ...found.value, removing: [] };
  await putJson(objects, indexKey(source), after, { etag: found.etag }); // a conflict leaves the names to the next commit
}

function toEntry(file: AppendedFile, runId: string, sequence: number): EventTableEntry {
  const { name, contentId, eventKey, setAsideKey, rowCount, eventCount, setAsideCount, maxEventTimeMs } =
    file;
  return {
    name,
    contentId,
    ...(eventKey === undefined ? {} : { eventKey }),
    ...(setAsideKey === undefined ? {} : { setAsideKey }),
    sequence,
    rowCount,
    eventCount,
    setAsideCount,
    runId,
    ...(maxEventTimeMs === undefined ? {} : { maxEventTimeMs }),
  };
}
