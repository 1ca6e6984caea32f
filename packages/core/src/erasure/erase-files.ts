// Decides how rows of subjects leave Parquet objects: each version of each object is looked at for itself; the current one
// is written again and published under its etag, and only then do older versions that hold rows go, by their ids.

import { ConflictError, DataRejectedError } from "../errors/steward-error.ts";
import type { FileVersion, SubjectRows } from "../ports/erasure-files.ts";
import type { ObjectVersion } from "../ports/object-store.ts";
import type { Ports } from "../ports/ports.ts";
import type { Pseudonym } from "../ports/pseudonymiser.ts";
import { type CopyPlace, noteFindings } from "./erasure-documents.ts";
import type { SuppressedHold } from "./erasure-hold.ts";
import { ignoringMissing } from "./ignore-missing.ts";

export type FilePorts = Pick<Ports, "clock" | "erasureFiles" | "objects">;

export interface FilePass {
  readonly place: CopyPlace;
  /** All versions of the objects that are looked at. */
  readonly versions: readonly ObjectVersion[];
  readonly rows: SubjectRows;
  /** Does what must be so before and after an object has another number of rows (undefined: none is left). `put` is true
   * when the object was stored, false when another changed it meanwhile. */
  readonly publish?: (
    key: string,
    rowCount: number | undefined,
    put: () => Promise<boolean>,
  ) => Promise<boolean>;
}

/** Objects looked at at once; each is a reader of its own. */
const OBJECTS_AT_ONCE = 2;
const MAX_TRIES = 5;

/**
 * Looks at every version, notes what it holds, and erases it. Done twice equals once.
 * @throws DataRejectedError naming the objects that cannot be written again unharmed; all others are erased then.
 */
export async function eraseFiles(ports: FilePorts, hold: SuppressedHold, pass: FilePass): Promise<void> {
  const byKey = [...Map.groupBy(pass.versions, ({ key }) => key).keys()];
  const refusal = await gatherRefusals(byKey, OBJECTS_AT_ONCE, (key) => eraseObject(ports, hold, pass, key));
  const nowMs = ports.clock.now();
  await noteFindings(ports.objects, hold.requestId, pass.place, {
    units: {},
    logicallyGoneAtMs: hold.suppressedAtMs,
    ...(refusal === undefined ? { physicallyGoneAtMs: nowMs } : {}),
  });
  if (refusal !== undefined) throw refusal;
}

/** Runs `work` over all items, whatever is refused; one error that names all refusals, undefined where there were none. */
export async function gatherRefusals<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<DataRejectedError | undefined> {
  const refused: DataRejectedError[] = [];
  await forEachAtOnce(items, limit, async (item) => {
    try {
      await work(item);
    } catch (error) {
      if (!(error instanceof DataRejectedError)) throw error;
      refused.push(error);
    }
  });
  if (refused.length < 2) return refused[0];
  return new DataRejectedError(refused.map(({ message }) => message).join("; "));
}

async function eraseObject(
  ports: FilePorts,
  hold: SuppressedHold,
  pass: FilePass,
  key: string,
): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const versions = (await ports.objects.listVersions(key)).filter((version) => version.key === key);
    const holding = await findHolding(ports, hold, pass, key, versions);
    const current = holding.find(({ isLatest }) => isLatest);
    const outcome = current === undefined ? "published" : await rewriteCurrent(ports, pass, current);
    if (outcome === "changed") continue;
    // Where nothing is left, an older version must not become the current one.
    await ports.objects.removeVersions(outcome === "emptied" ? versions : holding);
    return;
  }
  throw new ConflictError(`the object ${key} was changed by others ${MAX_TRIES} times in a row`);
}

/** The versions that hold rows which go; what each holds is noted first. */
async function findHolding(
  ports: FilePorts,
  hold: SuppressedHold,
  pass: FilePass,
  key: string,
  versions: readonly ObjectVersion[],
): Promise<readonly ObjectVersion[]> {
  const holding: ObjectVersion[] = [];
  let [lookedAt, going, newerKept] = [0, 0, 0];
  const erased = new Set<Pseudonym>();
  const newer = new Set<Pseudonym>();
  for (const version of versions) {
    if (version.isDeleteMarker) continue;
    const counted = await ignoringMissing(ports.erasureFiles.countEach(toFile(version), pass.rows));
    if (counted === undefined) continue; // replaced since by whoever wrote it
    const { rows, newerRows, named } = counted;
    lookedAt += 1;
    going += rows;
    newerKept += newerRows;
    for (const { subject, ...each } of named) {
      const pseudonym = hold.subjects[subject]?.pseudonym;
      if (pseudonym === undefined) continue;
      if (each.rows > 0) erased.add(pseudonym);
      if (each.newerRows > 0) newer.add(pseudonym);
    }
    if (rows > 0) holding.push(version);
  }
  await noteFindings(ports.objects, hold.requestId, pass.place, {
    units: { [key]: { lookedAt, going, newerKept } },
    erasedSubjects: [...erased],
    newerSubjects: [...newer],
  });
  return holding;
}

/** `changed`: by another meanwhile, so that it is to be looked at again. `emptied`: no row is left. */
async function rewriteCurrent(
  ports: FilePorts,
  pass: FilePass,
  current: ObjectVersion,
): Promise<"published" | "emptied" | "changed"> {
  const { key, versionId } = current;
  const stored = await ports.objects.find(key);
  if (stored?.versionId !== versionId) return "changed";
  const { path, rowCount } = await ports.erasureFiles.rewrite(toFile(current), pass.rows);
  const publish = pass.publish ?? ((_key, _rowCount, put) => put());
  if (path === undefined) {
    await publish(key, undefined, async () => true);
    return "emptied";
  }
  const isStored = await publish(key, rowCount, async () => {
    return (await ports.objects.putFile(key, path, { etag: stored.etag })).kind === "stored";
  });
  return isStored ? "published" : "changed";
}

const toFile = ({ key, versionId }: ObjectVersion): FileVersion => ({ key, versionId });

/** Runs `work` over the items, at most `limit` at once; the first failure ends it. */
export async function forEachAtOnce<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) await work(items[index] as T);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
}
