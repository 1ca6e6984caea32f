// Reading the offline store's Parquet files. Which files count is decided by core (manifests); this reads the rows.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { FeatureRecord } from "../definitions/value.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import type { Pseudonym } from "./pseudonymiser.ts";

export interface OfflineQuery {
  readonly keys: readonly string[];
  /** Only rows whose event time is at or before this. */
  readonly asOfMs: EpochMs;
  /** Only these records; undefined: all. */
  readonly recordIds?: readonly string[];
}

/** A row that was staged. Not to be spread: what an adapter makes at each asking, as `features`, is not the row's own. */
export interface StagedRecord extends FeatureRecord {
  /** Of the record identifier, where the engine staged it too; absent: make it. */
  readonly pseudonym?: Pseudonym;
}

export interface OfflineFiles {
  /** Rows `[fromRow, fromRow + rowCount)` of one file, in file order. @throws DataRejectedError when they do not have the
   * checksum that the engine gave them, where one is given; only then is a staged pseudonym believed. */
  readRows(
    group: FeatureGroup,
    key: string,
    fromRow: number,
    rowCount: number,
    checksum?: string,
  ): Promise<readonly StagedRecord[]>;
  /** The live record of each identifier: latest by event time, then api_invocation_time, then write_time; one whose
   * latest row is a tombstone is left out. Ascending by record identifier, in pages. */
  readLatest(group: FeatureGroup, query: OfflineQuery): AsyncIterable<readonly FeatureRecord[]>;
}
