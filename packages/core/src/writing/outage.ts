// Decides when a store is gone for good, as far as one run is concerned: tries kept failing to reach it, and none else
// got a chunk settled. One chunk that has used up all its deliveries says so too, but of many each waits for its turn.

/** What a look at the chunks of a run shows. */
export interface WriteProgress {
  readonly settledCount: number;
  /** Deliveries of open chunks that could not reach a store. */
  readonly outageCount: number;
}

/** What was seen since the last chunk was settled. */
export interface OutageWatch {
  readonly settledCount: number;
  /** Outages of before: they were overcome, for a chunk has been settled since. */
  readonly overcomeCount: number;
  readonly outageCount: number;
  /** When the first and the last outage since were seen; undefined: none was. */
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
}

/** A restart of Redis takes a second or two; each delivery waits up to 3 s for it. */
const GONE_AFTER_MS = 5_000;
/** As many as one chunk has by itself. */
const GONE_AFTER_OUTAGES = 3;

/** The watch after another look. */
export function watchOutage(
  watch: OutageWatch | undefined,
  { settledCount, outageCount }: WriteProgress,
  nowMs: number,
): OutageWatch {
  if (watch === undefined || watch.settledCount !== settledCount) {
    return {
      settledCount,
      overcomeCount: outageCount,
      outageCount,
      firstMs: undefined,
      lastMs: undefined,
    };
  }
  if (outageCount <= watch.outageCount) return watch;
  return { ...watch, outageCount, firstMs: watch.firstMs ?? nowMs, lastMs: nowMs };
}

/** Outages seen at 0, 3 and 6 s, and nothing settled: gone. Three at 0 s, or two at 0 and 6 s: not yet. */
export function isStoreGone({ outageCount, overcomeCount, firstMs, lastMs }: OutageWatch): boolean {
  if (firstMs === undefined || lastMs === undefined) return false;
  return outageCount - overcomeCount >= GONE_AFTER_OUTAGES && lastMs - firstMs >= GONE_AFTER_MS;
}
