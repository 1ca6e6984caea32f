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
};
