// Decides what the engine that writes Parquet files gives to erasing. Leaves the proof of what it wrote to another reader.

import type { SubjectCount, SubjectCounts, SubjectRows } from "@steward/core";

/** A local file that holds one version of an object. */
export interface LocalVersion {
  readonly path: string;
  /** The object's, for messages. */
  readonly key: string;
}

/** What the writer of a file is asked for beside its rows. */
export interface FileStyle {
  readonly codec: "UNCOMPRESSED" | "SNAPPY" | "GZIP" | "ZSTD" | "BROTLI" | "LZ4_RAW";
  /** Whether it has any of the encodings of the second version of the format. */
  readonly hasDeltaEncodings: boolean;
  readonly rowsPerRowGroup: number;
  /** Columns of timestamps that are stored as milliseconds, where an engine's own unit is finer. */
  readonly millisecondColumns: readonly string[];
}

export interface RowEraser {
  /** @throws DataRejectedError naming the key when the file cannot be read. */
  count(file: LocalVersion, rows: SubjectRows): Promise<SubjectCount>;
  /** The same, subject by subject. */
  countEach(file: LocalVersion, rows: SubjectRows): Promise<SubjectCounts>;
  /** Writes the file without the subjects' rows to a new path, in the order of the rows; how many went. */
  write(file: LocalVersion, rows: SubjectRows, style: FileStyle, to: string): Promise<number>;
}
