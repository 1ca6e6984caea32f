// Decides what a person is told of an erasure before it is begun: where it would look, and what it would find now. Only a
// preview: it writes nothing, and what it does not find is suppressed all the same.

import { NotFoundError } from "../errors/steward-error.ts";
import { findPlace } from "../ledger/group-place.ts";
import type { SubjectRows } from "../ports/erasure-files.ts";
import type { Ports } from "../ports/ports.ts";
import { MAX_EPOCH_MS, toIso } from "../time/epoch-ms.ts";
import { type ErasureCall, toSubjects } from "./accept-erasure.ts";
import { dataPrefix, isSetAside } from "./erase-events.ts";
import { forEachAtOnce } from "./erase-files.ts";
import type { ErasureSubject } from "./erasure-request.ts";
import {
  erasureScope,
  eventLayout,
  type GroupScope,
  type SourceScope,
  setAsideLayout,
} from "./erasure-scope.ts";
import { finishAfter, listStaying, type Staying } from "./remaining-copies.ts";

export interface FilesPreview {
  readonly name: string;
  readonly objects: number;
  /** Older ones included. */
  readonly versions: number;
  /** Rows that would go, in all versions. */
  readonly rows: number;
}

export interface ErasurePreview {
  readonly entity: string;
  readonly subjects: number;
  readonly groups: readonly (FilesPreview & { readonly online: number; readonly hot: number })[];
  readonly sources: readonly (FilesPreview & { readonly setAsideRows: number })[];
  readonly stays: readonly Staying[];
  /** Once what the streams retain is gone, the offline pass and the scan are done once more. */
  readonly finishAfter: string;
}

const VERSIONS_AT_ONCE = 2;

/** @throws InvalidInputError as accepting would, DataRejectedError naming a file that cannot be read. */
export async function previewErasure(ports: Ports, call: ErasureCall): Promise<ErasurePreview> {
  const subjects = toSubjects(ports, call);
  const scope = erasureScope(ports.definitions, call.entity);
  const groups = [];
  for (const group of scope.groups) groups.push(await previewGroup(ports, group, subjects));
  const sources = [];
  for (const source of scope.sources) sources.push(await previewSource(ports, source, subjects));
  return {
    entity: call.entity,
    subjects: subjects.length,
    groups,
    sources,
    stays: await listStaying(ports, scope, []),
    finishAfter: toIso(finishAfter(ports, scope)),
  };
}

async function previewGroup(ports: Ports, scope: GroupScope, subjects: readonly ErasureSubject[]) {
  const { group, isRecord, columns } = scope;
  const place = await findPlace(ports.ledger, group.name);
  if (place === undefined) return { name: group.name, objects: 0, versions: 0, rows: 0, online: 0, hot: 0 };
  const files = await countFiles(ports, group.name, `${place.offlinePrefix}data/`, () => ({
    layout: { kind: "offline" },
    columns,
    subjects: toRows(subjects),
  }));
  if (!isRecord) return { ...files, online: 0, hot: 0 };
  const isThere = (found: unknown): boolean => found !== undefined;
  const online = await orNone(
    ports.onlineStore.read(
      group,
      subjects.map(({ identifier }) => identifier),
    ),
  );
  const hot = await ports.hotStore.read(
    group,
    subjects.map(({ pseudonym }) => pseudonym),
  );
  return { ...files, online: online.filter(isThere).length, hot: hot.filter(isThere).length };
}

async function previewSource(
  ports: Ports,
  { source, columns }: SourceScope,
  subjects: readonly ErasureSubject[],
) {
  const prefix = dataPrefix(source.name);
  const rowsOf = (key: string): SubjectRows => ({
    layout: isSetAside(source.name, key) ? setAsideLayout(source) : eventLayout(source),
    columns,
    subjects: toRows(subjects),
  });
  const all = await countFiles(ports, source.name, prefix, rowsOf);
  const setAside = await countFiles(ports, source.name, prefix, rowsOf, (key) =>
    isSetAside(source.name, key),
  );
  return { ...all, rows: all.rows - setAside.rows, setAsideRows: setAside.rows };
}

async function countFiles(
  ports: Ports,
  name: string,
  prefix: string,
  rowsOf: (key: string) => SubjectRows,
  isWanted: (key: string) => boolean = () => true,
): Promise<FilesPreview> {
  const listed = await ports.objects.listVersions(prefix);
  const versions = listed.filter(({ key, isDeleteMarker }) => !isDeleteMarker && isWanted(key));
  let rows = 0;
  await forEachAtOnce(versions, VERSIONS_AT_ONCE, async ({ key, versionId }) => {
    rows += (await ports.erasureFiles.count({ key, versionId }, rowsOf(key))).rows;
  });
  const objects = new Set(versions.map(({ key }) => key)).size;
  return { name, objects, versions: versions.length, rows };
}

const toRows = (subjects: readonly ErasureSubject[]) =>
  subjects.map(({ identifier }) => ({ identifier, untilMs: MAX_EPOCH_MS }));

async function orNone<T>(read: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof NotFoundError) return [];
    throw error;
  }
}
