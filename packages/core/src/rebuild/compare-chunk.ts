// Decides whether the stores hold what a chunk of a snapshot has.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { Target } from "../ledger/run.ts";
import type { Ports } from "../ports/ports.ts";
import { type Comparison, compareRecords } from "../reading/compare-records.ts";
import type { Chunk } from "../writing/chunk.ts";

/** One a record that must be there; each is looked for where it belongs, whatever pseudonym was staged. */
export async function compareChunk(
  ports: Ports,
  group: FeatureGroup,
  { key, fromRow, rowCount, checksum }: Chunk,
  targets: readonly Target[],
): Promise<readonly Comparison[]> {
  const records = await ports.offlineFiles.readRows(group, key, fromRow, rowCount, checksum);
  return compareRecords(ports, group, records, targets);
}
