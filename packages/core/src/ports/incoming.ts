// Where others hand in files with new events, a place a source. Steward reads there and never changes anything: what of
// it has been taken in, the event table and the bookmarks know.

export interface IncomingFile {
  /** Full path or key: by it the event table knows the file. */
  readonly name: string;
  readonly sizeBytes: number;
  /** When its bytes last changed, by the clock of the place. */
  readonly modifiedAtMs: number;
}

export interface Incoming {
  /** All files of a source that are whole, oldest first, then by name; empty where nothing was ever handed in. */
  list(source: string): Promise<readonly IncomingFile[]>;
}
