// What a batch engine (Spark on Glue, DuckDB on a laptop) does: append input files to the event table, compute the
// records of a group as of an instant. It reads and writes objects by key; nothing it writes is visible until core
// has committed the table's index or the run's manifest.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import type { Source } from "../definitions/source.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import type { Pseudonym } from "./pseudonymiser.ts";

/** A suppression as an engine applies it: drops the subject's events dated at or before `untilMs`; all of them without one. */
export interface SuppressedSubject {
  readonly entity: string;
  readonly pseudonym: Pseudonym;
  readonly untilMs: EpochMs | undefined;
}

/** A file that somebody hands in, before any check. */
export interface InputFile {
  /** Its full path or key: how the event table knows it. */
  readonly name: string;
}

/** What a first look at a file says, header and end included. */
export interface InspectedFile extends InputFile {
  /** SHA-256 of the bytes, 64 hex digits: the same content under any name is the same. */
  readonly contentId: string;
  readonly sizeBytes: number;
}

export interface AppendJob {
  readonly source: Source;
  readonly files: readonly InspectedFile[];
  /** Events dated after this are set aside. */
  readonly arrivedAtMs: EpochMs;
  readonly suppressions: readonly SuppressedSubject[];
  /** Which columns of the source name a subject, and of which entity. */
  readonly subjectColumns: readonly { readonly entity: string; readonly column: string }[];
  /** Every object of this job gets a key that begins so; whatever is there from an earlier try is replaced. */
  readonly outputPrefix: string;
}

/** Why a row was set aside. Never holds the value. */
export type SetAsideRule =
  | "required" // a cell that must not be empty is empty
  | "type" // the cell's text does not say a value of its type exactly
  | "range" // too large, too small or too long for its type or for the stores
  | "after-arrival" // the event is dated after it arrived
  | "columns" // the row has more or fewer cells than the header
  | "encoding"; // the row is not UTF-8, or its quoting is broken

export interface AppendedFile extends InspectedFile {
  /** Data rows, the header not counted: rowCount = eventCount + setAsideCount + suppressedCount. */
  readonly rowCount: number;
  readonly eventCount: number;
  readonly setAsideCount: number;
  readonly suppressedCount: number;
  /** The event file (Parquet: the source's columns, `_file` text, `_row` bigint); undefined when no event is left. */
  readonly eventKey: string | undefined;
  /** The set-aside rows (Parquet: `_file`, `_row`, `column`, `rule`, `cells` text[]); undefined when there are none. */
  readonly setAsideKey: string | undefined;
  readonly minEventTimeMs: EpochMs | undefined;
  readonly maxEventTimeMs: EpochMs | undefined;
}

export interface EventFile {
  readonly key: string;
  readonly name: string;
  /** Rises with each commit to the table: of two events with one id, the one of the later commit counts. */
  readonly sequence: number;
}

export interface ComputeJob {
  readonly group: FeatureGroup;
  readonly asOfMs: EpochMs;
  /** `write_time` and `api_invocation_time` of the rows. */
  readonly writeTimeMs: EpochMs;
  readonly events: readonly EventFile[];
  readonly suppressions: readonly SuppressedSubject[];
  readonly outputPrefix: string;
  readonly rowsPerFile: number;
  readonly rowsPerRowGroup: number;
}

export interface StagedFile {
  readonly key: string;
  readonly rowCount: number;
  readonly sizeBytes: number;
}

/** What the check of the output looks at. */
export interface FeatureStatistics {
  readonly feature: string;
  readonly absentCount: number;
  /** Of numbers only. */
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** Values that are not finite, or beyond what a double says exactly (15 digits; integers 2^53 − 1). */
  readonly inexactCount: number;
}

export interface ComputedRecords {
  /** Offline files in the group's own layout, each sorted by hot-store tag, then record identifier; no two share a record. */
  readonly files: readonly StagedFile[];
  readonly recordCount: number;
  /** Records whose identifier is absent or given twice: 0 unless the engine is broken. */
  readonly brokenIdentifierCount: number;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly statistics: readonly FeatureStatistics[];
  /** Events before the as-of that were read, and the youngest of them. */
  readonly eventCount: number;
  readonly greatestEventTimeMs: EpochMs | undefined;
  /** The same of each value of the source's partition column, as text, the oldest first, at most `MAX_PARTITIONS`; undefined:
   * the source declares none. */
  readonly partitions: readonly EventPartition[] | undefined;
}

/** What one ledger item holds with room to spare; more values are no partition but an identifier. */
export const MAX_PARTITIONS = 1_000;

export interface EventPartition {
  readonly name: string;
  readonly greatestEventTimeMs: EpochMs;
}

export interface OfflineFile {
  readonly key: string;
  /** As its manifest says; undefined for a file of AWS's own naming, which no manifest names. */
  readonly rowCount: number | undefined;
  /** While an erasure writes the file again: either count is right. */
  readonly rewrittenRowCount?: number | undefined;
}

/** Which rows a snapshot takes. */
export interface SnapshotScope {
  readonly group: FeatureGroup;
  /** Rows whose event time is at or before this. */
  readonly asOfMs: EpochMs;
  readonly files: readonly OfflineFile[];
  readonly suppressions: readonly SuppressedSubject[];
}

export interface SnapshotJob extends SnapshotScope {
  readonly outputPrefix: string;
  readonly rowsPerFile: number;
  readonly rowsPerRowGroup: number;
  /** A checksum is taken of so many rows of a file at a time. */
  readonly rowsPerChunk: number;
}

export interface SnapshotSize {
  readonly recordCount: number;
  /** Names, identifiers and values as the online store counts them: text. */
  readonly valueBytes: number;
}

export interface SnapshotFile extends StagedFile {
  /** One for each `rowsPerChunk` rows in order; the reader of offline files that stands beside the engine computes the same. */
  readonly checksums: readonly string[];
}

export interface Snapshot extends SnapshotSize {
  /** In the group's own offline layout and with each row's pseudonym, sorted by hot-store tag, then record identifier; no
   * two share a record. */
  readonly files: readonly SnapshotFile[];
}

/** A set-aside row without its cells. */
export interface SetAsideRow {
  readonly file: string;
  /** 1 is the first row after the header. */
  readonly row: number;
  readonly column: string | undefined;
  readonly rule: SetAsideRule;
}

export interface BatchEngine {
  /** Hashes a file and checks what can be said without parsing its rows: present, not empty, the header exactly the
   * source's columns in order, the last line ended, every quote closed. @throws InvalidInputError naming file and rule. */
  inspect(source: Source, file: InputFile): Promise<InspectedFile>;
  /** Parses, checks and stages the files; one result a file, in order. Writes objects, commits nothing. */
  append(job: AppendJob): Promise<readonly AppendedFile[]>;
  /** Set-aside rows that were staged under these keys, by file and row. */
  listSetAside(keys: readonly string[], limit: number): Promise<readonly SetAsideRow[]>;
  /** Checks set-aside rows again under the source as it is now, as `append` would: those that pass become event files. */
  replaySetAside(
    job: Omit<AppendJob, "files"> & { readonly setAsideKeys: readonly string[] },
  ): Promise<readonly AppendedFile[]>;
  /** Aggregates and stages. The same job twice gives the same bytes. */
  compute(job: ComputeJob): Promise<ComputedRecords>;
  /** Stages the latest live row of each record: by event time, then api_invocation_time, then write_time, what is
   * suppressed left out first; a record whose latest row is a tombstone is left out. The same job twice gives the same
   * bytes, in bounded memory. @throws DataRejectedError naming a file that is missing, cut, or of another row count. */
  snapshot(job: SnapshotJob): Promise<Snapshot>;
  /** What that snapshot would hold; stages nothing. @throws DataRejectedError as `snapshot` does. */
  measureSnapshot(scope: SnapshotScope): Promise<SnapshotSize>;
}
