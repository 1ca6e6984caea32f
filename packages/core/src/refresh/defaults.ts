// The defaults of a refresh, each with its reason.

import type { Settings } from "../ports/ports.ts";

export const DEFAULT_SETTINGS: Settings = {
  // 1 %: a few typing errors pass, a broken export does not.
  setAsideThreshold: 0.01,
  // At 1,000 records/s a chunk takes 4 s: well inside a worker's life, and a message moves 4,096 records.
  chunkRecords: 4_096,
  rowsPerFile: 1_000_000,
  // Ten chunks a row group: a worker decodes at most ten times what it needs, a scan still reads large groups.
  rowsPerRowGroup: 40_960,
  unitsPerSecond: undefined,
  workerLifeMs: 60_000,
  maxReceives: 3,
  // Longer than the longest step (the batch run renews it), short enough for a person who waits.
  leaseMs: 15 * 60_000,
  // Feature Store has put a row into S3 by then (offline store page of the SageMaker guide, 2026-11-22).
  offlineBufferMs: 15 * 60_000,
  // A month in which somebody looks at them, and the law's month for answering a person.
  setAsideLifeMs: 30 * 24 * 3_600_000,
  // CloudWatch's own finest standard period: finer alarms cost more and see nothing sooner.
  checkPeriodMs: 60_000,
  // The third that does not help shows that it is no matter for a machine.
  remedyBudget: 3,
  // The longest batch step that the benchmarks have seen takes a fraction of it; a person would look by then.
  runStuckMs: 30 * 60_000,
};

/** The settings with their defaults. */
export function toSettings(given: Partial<Settings> = {}): Settings {
  return { ...DEFAULT_SETTINGS, ...given };
}
