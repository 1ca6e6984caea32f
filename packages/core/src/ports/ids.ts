// Where fresh names come from, so that core stays free of randomness.

export interface Ids {
  /** A new run id: sorts by time of creation, `[a-z0-9-]`, at most 40 characters. */
  runId(): string;
}
