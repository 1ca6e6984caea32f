// Real time, for leases, pauses and visibility: never the driven clock of the platform.

export interface Timer {
  /** Milliseconds since the epoch on the machine's clock. */
  nowMs(): number;
  sleep(durationMs: number): Promise<void>;
  /** Uniform in [0, 1): the spread of a retry. */
  fraction(): number;
}
