// Decides which records stand for a group when its stores are compared with the offline store: a few rows at each of some
// places that are spread over all of it, others at each turn. What a turn costs does not grow with the store.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { FeatureRecord } from "../definitions/value.ts";
import { findPlace } from "../ledger/group-place.ts";
import { findWatermark } from "../ledger/lease.ts";
import { findOfflineFiles, findPublishedFiles } from "../ledger/offline-manifest.ts";
import type { OfflineFile } from "../ports/batch-engine.ts";
import type { Ports } from "../ports/ports.ts";

export type SamplePorts = Pick<Ports, "ledger" | "objects" | "offlineFiles">;

/** A node of three that lost its keys shows in four of five turns; each place costs one row group. */
const PLACES = 4;
const ROWS_A_PLACE = 8;
/** Smaller groups are compared whole. */
const WHOLE_RECORDS = 64;
/** Turn after turn, parts of the golden section fall evenly and leave no gap (Knuth, TAOCP vol. 3, 6.4). */
const GOLDEN_SECTION = (Math.sqrt(5) - 1) / 2;
/** No row of a Parquet file of Feature Store takes less. */
const MIN_ROW_BYTES = 16;

/**
 * The records of turn `turn`: of the run that the watermark names, which has the latest row of every record and is drained;
 * of a stream's group rows of the files that the store has flushed, for which a newer record is as good. Empty where
 * there is none yet. All rows come in turn: of a million, in about 50,000 turns.
 */
export async function sampleRecords(
  ports: SamplePorts,
  group: FeatureGroup,
  turn: number,
): Promise<readonly FeatureRecord[]> {
  const files = await filesToSample(ports, group);
  const read = (key: string, fromRow: number, rows: number) =>
    ports.offlineFiles.readRows(group, key, fromRow, rows);
  const rowCount = files.reduce((sum, file) => sum + (file.rowCount ?? Number.NaN), 0);
  if (rowCount <= WHOLE_RECORDS)
    return (await Promise.all(files.map((file) => read(file.key, 0, WHOLE_RECORDS)))).flat();
  const places = files.length === 0 ? [] : placesOf(turn);
  const found = await Promise.all(
    places.map(async (part) => {
      const { file, partOfFile } = toFile(files, part, rowCount);
      const rows = file.rowCount ?? (await maxRows(ports, file.key));
      return readNear(partOfFile, rows, (fromRow) => read(file.key, fromRow, ROWS_A_PLACE));
    }),
  );
  return found.flat();
}

/** Parts of the whole, each in [0, 1): one in each quarter, at the same distance from its beginning. */
function placesOf(turn: number): readonly number[] {
  const shift = (turn * GOLDEN_SECTION) % 1;
  return Array.from({ length: PLACES }, (_, place) => (place + shift) / PLACES);
}

/** The file that a part of all rows lies in; where it is not known how many rows the files have, they count alike. */
function toFile(
  files: readonly OfflineFile[],
  part: number,
  rowCount: number,
): { readonly file: OfflineFile; readonly partOfFile: number } {
  const sizeOf = (file: OfflineFile): number => (Number.isNaN(rowCount) ? 1 : (file.rowCount ?? 0));
  let rest = part * (Number.isNaN(rowCount) ? files.length : rowCount);
  for (const file of files) {
    if (rest < sizeOf(file)) return { file, partOfFile: rest / sizeOf(file) };
    rest -= sizeOf(file);
  }
  return { file: files.at(-1) as OfflineFile, partOfFile: 0 }; // by rounding alone
}

/** The rows around there, as many at an end of the file; where it has fewer rows than it might, nearer to its beginning. */
async function readNear<T>(
  partOfFile: number,
  maxRowCount: number,
  read: (fromRow: number) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  for (let rows = maxRowCount; rows >= 1; rows /= 2) {
    const fromRow = Math.floor(Math.min(partOfFile * rows - ROWS_A_PLACE / 2, rows - ROWS_A_PLACE));
    const found = await read(Math.max(0, fromRow));
    if (found.length > 0) return found;
  }
  return [];
}

async function maxRows({ objects }: SamplePorts, key: string): Promise<number> {
  return ((await objects.find(key))?.sizeBytes ?? 0) / MIN_ROW_BYTES;
}

async function filesToSample(
  { ledger, objects }: SamplePorts,
  { name, path }: FeatureGroup,
): Promise<readonly OfflineFile[]> {
  const place = await findPlace(ledger, name);
  if (place === undefined) return [];
  if (path === "stream") return findOfflineFiles(objects, place.offlinePrefix);
  const watermark = await findWatermark(ledger, name);
  return watermark === undefined ? [] : findPublishedFiles(objects, place.offlinePrefix, watermark.runId);
}
