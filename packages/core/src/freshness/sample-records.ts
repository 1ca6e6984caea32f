// Decides which records stand for a group when its stores are compared with the offline store: a run of rows of one
// offline file, another at each check, so that all records come in turn and a check reads one row group, however large the store.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { FeatureRecord } from "../definitions/value.ts";
import { findPlace } from "../ledger/group-place.ts";
import { findWatermark } from "../ledger/lease.ts";
import { findOfflineFiles, findPublishedFiles } from "../ledger/offline-manifest.ts";
import type { OfflineFile } from "../ports/batch-engine.ts";
import type { Ports } from "../ports/ports.ts";

/** An error in a hundredth of the records shows within a few checks, and one check costs two small reads of each store. */
export const SAMPLE_RECORDS = 32;
/** Neighbouring turns are far apart: 2^32 over the golden ratio (Knuth, TAOCP vol. 3, 6.4: multiplicative hashing). */
const STRIDE = 0x9e3779b1;

/**
 * The records of turn `turn`: of the run that the watermark names, for only what is drained must be in the stores; of a
 * stream's group any row that the store has flushed. Empty where there is none yet.
 */
export async function sampleRecords(
  ports: Pick<Ports, "ledger" | "objects" | "offlineFiles">,
  group: FeatureGroup,
  turn: number,
): Promise<readonly FeatureRecord[]> {
  const files = await filesToSample(ports, group);
  const file = files[turn % Math.max(1, files.length)];
  if (file === undefined) return [];
  const spread = Math.imul(Math.floor(turn / files.length), STRIDE) >>> 0;
  const fromRow = spread % Math.max(1, (file.rowCount ?? 0) - SAMPLE_RECORDS + 1);
  return ports.offlineFiles.readRows(group, file.key, fromRow, SAMPLE_RECORDS);
}

async function filesToSample(
  { ledger, objects }: Pick<Ports, "ledger" | "objects">,
  { name, path }: FeatureGroup,
): Promise<readonly OfflineFile[]> {
  const place = await findPlace(ledger, name);
  if (place === undefined) return [];
  if (path === "stream") return findOfflineFiles(objects, place.offlinePrefix);
  const watermark = await findWatermark(ledger, name);
  return watermark === undefined ? [] : findPublishedFiles(objects, place.offlinePrefix, watermark.runId);
}
