// Reading the offline store's Parquet files. Which files count is decided by core (manifests); this reads the rows.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { FeatureRecord } from "../definitions/value.ts";
import type { EpochMs } from "../time/epoch-ms.ts";

export interface OfflineQuery {
  readonly keys: readonly string[];
  /** Only rows whose event time is at or before this. */
  readonly asOfMs: EpochMs;
  /** Only these records; undefined: all. */
  readonly recordIds?: readonly string[];
}

export interface OfflineFiles {
  /** Rows `[fromRow, fromRow + rowCount)` of one file, in file order. @throws DataRejectedError when they do not have the
   * checksum that the engine gave them, where one is given. */
  readRows(
    group: FeatureGroup,
    key: string,
    fromRow: number,
    rowCount: number,
    checksum?: string,
  ): Promise<readonly FeatureRecord[]>;
  /** The live record of each identifier: latest by event time, then api_invocation_time, then write_time; one whose
   * latest row is a tombstone is left out. Ascending by record identifier, in pages. */
  readLatest(group: FeatureGroup, query: OfflineQuery): AsyncIterable<readonly FeatureRecord[]>;
}
