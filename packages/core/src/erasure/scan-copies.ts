// Decides that nothing of the subjects is left in any copy, by looking again at all of them: files by a reader that did
// not write them, stores by reading and listing. What it finds sends the erasure through its deletions once more.

import { DifferencesFoundError } from "../errors/steward-error.ts";
import { findPlace } from "../ledger/group-place.ts";
import { keepHold } from "../ledger/hold.ts";
import { findJson, putJson } from "../ledger/json-object.ts";
import type { RunRef } from "../ledger/run.ts";
import type { SubjectRows } from "../ports/erasure-files.ts";
import type { Ports } from "../ports/ports.ts";
import { dataPrefix, isSetAside } from "./erase-events.ts";
import { forEachAtOnce } from "./erase-files.ts";
import { eraseNamed } from "./erase-named.ts";
import { isCreated } from "./erase-readable.ts";
import { type ScanDocument, scanDocument, scanKey } from "./erasure-documents.ts";
import { holdSuppressed, type SuppressedHold, toFileSubjects } from "./erasure-hold.ts";
import { eventLayout, type GroupScope, setAsideLayout } from "./erasure-scope.ts";
import { ignoringMissing } from "./ignore-missing.ts";
import { listLeftBehind, STAGING_PREFIX } from "./left-behind.ts";

/** Passes over all copies before it is said that something keeps bringing the subjects back. */
const MAX_ROUNDS = 3;
const VERSIONS_AT_ONCE = 2;

interface Scanned {
  objects: number;
  versions: number;
  found: number;
  /** Where something was found: `offline customer-purchases`. */
  readonly where: Set<string>;
}

/** `clean`: nothing is left. @throws DifferencesFoundError naming the copies when the last round still finds something. */
export async function scanCopies(ports: Ports, ref: RunRef): Promise<{ readonly clean: boolean }> {
  const hold = await holdSuppressed(ports, ref);
  return keepHold(ports, ref, async () => {
    const scanned: Scanned = { objects: 0, versions: 0, found: 0, where: new Set() };
    await scanStores(ports, hold, scanned);
    await scanOffline(ports, hold, scanned);
    await scanEvents(ports, hold, scanned);
    const left = (await listLeftBehind(ports, STAGING_PREFIX)).length;
    note(scanned, "staging", left);
    return conclude(ports, hold, scanned);
  });
}

async function conclude(
  ports: Ports,
  { requestId, run }: SuppressedHold,
  { objects, versions, found, where }: Scanned,
): Promise<{ readonly clean: boolean }> {
  const key = scanKey(requestId, `${run.runId}-${run.attempt}`);
  const rounds = ((await findJson(ports.objects, key, scanDocument))?.value.rounds ?? 0) + 1;
  await putJson(ports.objects, key, { rounds, objects, versions, found } satisfies ScanDocument);
  if (found === 0) return { clean: true };
  if (rounds < MAX_ROUNDS) return { clean: false };
  throw new DifferencesFoundError(
    `after ${rounds} passes the scan still finds the subjects in: ${[...where].sort().join(", ")}`,
  );
}

function note(scanned: Scanned, where: string, found: number): void {
  scanned.found += found;
  if (found > 0) scanned.where.add(where);
}

async function scanStores(ports: Ports, hold: SuppressedHold, scanned: Scanned): Promise<void> {
  for (const scope of hold.scope.groups) {
    if (!(await isCreated(ports, scope.group))) continue;
    if (scope.isRecord) {
      note(scanned, `hot ${scope.group.name}`, await countHot(ports, hold, scope));
      note(
        scanned,
        `online ${scope.group.name}`,
        (await ignoringMissing(countOnline(ports, hold, scope))) ?? 0,
      );
    }
    if (scope.namedBy !== undefined)
      note(
        scanned,
        `${scope.group.name} by ${scope.namedBy}`,
        await countNamed(ports, hold, scope, scope.namedBy),
      );
  }
}

async function countHot(ports: Ports, hold: SuppressedHold, { group }: GroupScope): Promise<number> {
  const pseudonyms = hold.subjects.map(({ pseudonym }) => pseudonym);
  const values = await ports.hotStore.read(group, pseudonyms);
  return values.filter((value) => value !== undefined && value.eventTimeMs <= hold.untilMs).length;
}

/** Reads each subject, then lists all identifiers: one that is listed, tombstones included, without a newer record is left. */
async function countOnline(ports: Ports, hold: SuppressedHold, { group }: GroupScope): Promise<number> {
  const identifiers = hold.subjects.map(({ identifier }) => identifier);
  const records = await ports.onlineStore.read(group, identifiers);
  const newer = new Set<string>();
  let found = 0;
  for (const record of records) {
    if (record === undefined) continue;
    if (record.eventTimeMs <= hold.untilMs) found += 1;
    else newer.add(record.recordId);
  }
  const wanted = new Set(identifiers);
  for await (const page of ports.onlineStore.list(group, { includeSoftDeleted: true })) {
    for (const recordId of page) if (wanted.has(recordId) && !newer.has(recordId)) found += 1;
  }
  return found;
}

/** What names a subject still is removed as it is found. */
async function countNamed(
  ports: Ports,
  { subjects, untilMs }: SuppressedHold,
  { group }: GroupScope,
  column: string,
): Promise<number> {
  const named = subjects.map((subject) => ({ ...subject, untilMs }));
  const erased = await ignoringMissing(eraseNamed(ports, group, column, named));
  return (erased?.online.erased ?? 0) + (erased?.hot.erased ?? 0);
}

async function scanOffline(ports: Ports, hold: SuppressedHold, scanned: Scanned): Promise<void> {
  for (const { group, columns } of hold.scope.groups) {
    const place = await findPlace(ports.ledger, group.name);
    if (place === undefined) continue;
    await scanPrefix(ports, scanned, `offline ${group.name}`, `${place.offlinePrefix}data/`, () => ({
      layout: { kind: "offline" },
      columns,
      subjects: toFileSubjects(hold),
    }));
  }
}

async function scanEvents(ports: Ports, hold: SuppressedHold, scanned: Scanned): Promise<void> {
  const subjects = toFileSubjects(hold);
  for (const { source, columns } of hold.scope.sources) {
    await scanPrefix(ports, scanned, `events ${source.name}`, dataPrefix(source.name), (key) => ({
      layout: isSetAside(source.name, key) ? setAsideLayout(source) : eventLayout(source),
      columns,
      subjects,
    }));
  }
}

async function scanPrefix(
  ports: Ports,
  scanned: Scanned,
  where: string,
  prefix: string,
  rowsOf: (key: string) => SubjectRows,
): Promise<void> {
  const versions = (await ports.objects.listVersions(prefix)).filter(({ isDeleteMarker }) => !isDeleteMarker);
  scanned.objects += new Set(versions.map(({ key }) => key)).size;
  scanned.versions += versions.length;
  await forEachAtOnce(versions, VERSIONS_AT_ONCE, async ({ key, versionId }) => {
    const counted = await ignoringMissing(ports.erasureFiles.scan({ key, versionId }, rowsOf(key)));
    note(scanned, where, counted?.rows ?? 0); // missing: replaced since by whoever wrote it
  });
}
