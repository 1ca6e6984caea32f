// Decides which offline files can be read: those that a run's manifest names, put once under the run's own key,
// and those that carry AWS's own names.

import { z } from "zod";
import { ConflictError } from "../errors/steward-error.ts";
import type { OfflineFile } from "../ports/batch-engine.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import { type EpochMs, toIso } from "../time/epoch-ms.ts";
import { findJson, purgeKey, putJson } from "./json-object.ts";
import type { RunRef } from "./run.ts";

const manifest = z.object({
  runId: z.string(),
  attempt: z.number(),
  /** Taken by whoever cancelled the run, so that it can no longer publish. */
  cancelled: z.boolean(),
  files: z.array(
    z.object({
      key: z.string(),
      rowCount: z.number(),
      /** While an erasure writes the file again: how many rows it then has. Either count is right. */
      rewrittenRowCount: z.number().optional(),
    }),
  ),
});
export type OfflineManifest = Readonly<z.infer<typeof manifest>>;

/** Feature Store's file names: latest event time, underscore, 16 letters or digits (offline store page, 2026-11-22). */
const AWS_FILE = /\/\d{8}T\d{6}Z_[A-Za-z0-9]{16}\.parquet$/;

/** `s3://bucket/some/prefix/group-1/data` → `some/prefix/group-1/`: where a group's `data/` and `manifests/` lie. */
export function offlinePrefix(offlineUri: string): string {
  return offlineUri.replace(/^s3:\/\/[^/]+\//, "").replace(/data\/?$/, "");
}

/** The hourly partition of Feature Store's Glue layout, then the attempt: what the keys of its files begin with. */
export function offlineFilePrefix(
  prefix: string,
  { runId, attempt, asOfMs }: RunRef & { readonly asOfMs: EpochMs },
): string {
  const iso = toIso(asOfMs);
  const [year, month, day, hour] = [iso.slice(0, 4), iso.slice(5, 7), iso.slice(8, 10), iso.slice(11, 13)];
  return `${prefix}data/year=${year}/month=${month}/day=${day}/hour=${hour}/${runId}-${attempt}-`;
}

const MAX_TRIES = 20;

const manifestKey = (prefix: string, { runId, attempt }: RunRef): string =>
  `${prefix}manifests/${runId}-${attempt}.json`;

/** Puts the manifest if none is there under its run; whatever is there is returned. The same again changes nothing. */
export async function putManifest(
  objects: ObjectStore,
  prefix: string,
  wanted: OfflineManifest,
): Promise<OfflineManifest> {
  const key = manifestKey(prefix, wanted);
  const outcome = await putJson(objects, key, wanted, "absent");
  if (outcome.kind === "stored") return wanted;
  return (await findJson(objects, key, manifest))?.value ?? wanted;
}

export async function findManifest(
  objects: ObjectStore,
  prefix: string,
  run: RunRef,
): Promise<OfflineManifest | undefined> {
  return (await findJson(objects, manifestKey(prefix, run), manifest))?.value;
}

/**
 * Ends an attempt's say over the offline store: its manifest gives way to the marker of a cancelled run, which stays, so
 * that no step of the attempt that is still under way can publish; then the files that it named go, every version.
 */
export async function closeManifest(objects: ObjectStore, prefix: string, run: RunRef): Promise<void> {
  const key = manifestKey(prefix, run);
  const marker: OfflineManifest = { runId: run.runId, attempt: run.attempt, cancelled: true, files: [] };
  const found = await putManifest(objects, prefix, marker);
  if (!found.cancelled) await putJson(objects, key, marker);
  for (const { key: file } of found.files) await purgeKey(objects, file);
  const versions = await objects.listVersions(key);
  await objects.removeVersions(versions.filter((version) => version.key === key && !version.isLatest));
}

/** The manifests of a group by the files that they name. */
export async function mapManifests(
  objects: ObjectStore,
  prefix: string,
): Promise<ReadonlyMap<string, string>> {
  const byFile = new Map<string, string>();
  for (const { key } of await objects.list(`${prefix}manifests/`)) {
    const found = await findJson(objects, key, manifest);
    for (const file of found?.value.files ?? []) byFile.set(file.key, key);
  }
  return byFile;
}

/**
 * Changes what a manifest says of one file; undefined: it names it no longer. A manifest that gave way to the marker of a
 * cancelled run, or does not name the file, stays as it is.
 */
export async function changeManifest(
  objects: ObjectStore,
  manifestKey: string,
  file: string,
  change: (entry: OfflineManifest["files"][number]) => OfflineManifest["files"][number] | undefined,
): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const found = await findJson(objects, manifestKey, manifest);
    if (found === undefined || !found.value.files.some(({ key }) => key === file)) return;
    const before = found.value.files;
    const files = before.flatMap((entry) => (entry.key === file ? (change(entry) ?? []) : entry));
    if (files.length === before.length && files.every((entry, index) => entry === before[index])) return;
    const outcome = await putJson(objects, manifestKey, { ...found.value, files }, { etag: found.etag });
    if (outcome.kind === "stored") return;
  }
  throw new ConflictError(`the manifest ${manifestKey} was changed by others ${MAX_TRIES} times in a row`);
}

/** All readable offline files of a group, ascending by key. */
export async function findOfflineFiles(
  objects: ObjectStore,
  prefix: string,
): Promise<readonly OfflineFile[]> {
  const files = new Map<string, OfflineFile>();
  for (const { key } of await objects.list(`${prefix}data/`))
    if (AWS_FILE.test(key)) files.set(key, { key, rowCount: undefined });
  for (const { key } of await objects.list(`${prefix}manifests/`)) {
    const found = await findJson(objects, key, manifest);
    for (const file of found?.value.cancelled ? [] : (found?.value.files ?? [])) files.set(file.key, file);
  }
  return [...files.values()].sort((left, right) => (left.key < right.key ? -1 : 1));
}

/** The files that a run published; none where it did not, or no longer. */
export async function findPublishedFiles(
  objects: ObjectStore,
  prefix: string,
  runId: string,
): Promise<readonly OfflineFile[]> {
  const files: OfflineFile[] = [];
  for (const { key } of await objects.list(`${prefix}manifests/${runId}-`)) {
    const found = await findJson(objects, key, manifest);
    if (found?.value.cancelled === false) files.push(...found.value.files);
  }
  return files;
}

/** Their keys. */
export async function listOfflineFiles(objects: ObjectStore, prefix: string): Promise<readonly string[]> {
  return (await findOfflineFiles(objects, prefix)).map(({ key }) => key);
}
