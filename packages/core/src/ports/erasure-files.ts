// What erasing does to one Parquet object: count the rows of subjects in any version, write it again without them,
// and scan it with a reader that shares no code with the one that wrote. Publishes nothing: core does, conditionally.

import type { EpochMs } from "../time/epoch-ms.ts";

/** An object as it is at one version. */
export interface FileVersion {
  readonly key: string;
  readonly versionId: string;
}

/**
 * How a row says whom it is about and when it happened. `offline`: Feature Store's layout, dated by `event_time`.
 * `events`: the event table, dated by the source's event time column. `set-aside`: rows with `cells` text[] in the order
 * of the source's columns; a row is the subject's when any cell is the identifier, and dated only where that cell says an instant.
 */
export type RowLayout =
  | { readonly kind: "offline" }
  | { readonly kind: "events"; readonly eventTime: string }
  | { readonly kind: "set-aside"; readonly eventTimeIndex: number };

export interface SubjectRows {
  readonly layout: RowLayout;
  /** Text columns that may name a subject; of those, the ones the file has count. Not used for `set-aside`. */
  readonly columns: readonly string[];
  /** Rows that name the identifier and are dated at or before `untilMs`, or have no date, are the subject's. */
  readonly subjects: readonly { readonly identifier: string; readonly untilMs: EpochMs }[];
}

export interface SubjectCount {
  /** Rows that go. */
  readonly rows: number;
  /** Rows that name a subject and are dated later: they stay. */
  readonly newerRows: number;
}

/** The same, and which subjects they are: by their place in `SubjectRows.subjects`; those of which nothing was found are left out. */
export interface SubjectCounts extends SubjectCount {
  readonly named: readonly (SubjectCount & { readonly subject: number })[];
}

export interface Rewrite {
  /** A local file that holds the object without those rows; the caller moves it or removes it. Undefined: no row is left. */
  readonly path: string | undefined;
  readonly rowCount: number;
  readonly erasedCount: number;
}

export interface ErasureFiles {
  /** Counts in one version, current or older. @throws DataRejectedError naming the key when it cannot be read. */
  count(file: FileVersion, rows: SubjectRows): Promise<SubjectCount>;
  /** As `count`, subject by subject; a row that names two counts once in the sum, and with each. */
  countEach(file: FileVersion, rows: SubjectRows): Promise<SubjectCounts>;
  /**
   * Writes the version again without the subjects' rows. Before it returns, a second reader has compared schema, physical
   * types, codecs, key-value metadata, row order and every other row with the original. @throws DataRejectedError naming
   * the key and what could not be kept; nothing is left behind then.
   */
  rewrite(file: FileVersion, rows: SubjectRows): Promise<Rewrite>;
  /** The same count by the second reader: the independent scan of an erasure. */
  scan(file: FileVersion, rows: SubjectRows): Promise<SubjectCount>;
}
