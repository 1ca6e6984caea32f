// Decides: whether a call is within the calls, and a record within the units, that a group may take each second.
// Leaves to others: what becomes of one that is not (runtime/): a call is throttled, an entry of a batch comes back unprocessed.

/** Each second; undefined: without bound. */
export interface PaceSettings {
  /** Of one group; a group of provisioned throughput has its own capacity instead of undefined. */
  readonly writeUnits?: number | undefined;
  readonly readUnits?: number | undefined;
  readonly writeUnitsPerRecord?: number | undefined;
  readonly readUnitsPerRecord?: number | undefined;
  /** Of each operation, a batch being one call. */
  readonly calls?: number | undefined;
  /** BatchGetRecord's instead of `calls`. */
  readonly batchGetRecordCalls?: number | undefined;
}

export type Direction = "write" | "read";

/** What writing or reading one record costs, and whom. */
export interface RecordCost {
  readonly direction: Direction;
  readonly groupName: string;
  readonly recordId: string;
  readonly bytes: number;
  /** What the group's throughput is provisioned with in this direction. */
  readonly provisionedUnits: number | undefined;
}

/** AWS's own, a region and account; BatchWriteRecord's and later ones' calls are not published (developer guide, quotas, read 2026-11-22). */
export const AWS_PACE: PaceSettings = {
  writeUnitsPerRecord: 500,
  readUnitsPerRecord: 2_400,
  calls: 10_000,
  batchGetRecordCalls: 500,
};
const UNIT_BYTES = { write: 1_024, read: 4_096 } as const;
/** Records whose units are counted at once; beyond, counting begins anew. */
const RECORDS_COUNTED = 100_000;

/** What a record of so many bytes costs: at least one unit to write, none to read one that is not there. */
export function toUnits(direction: Direction, bytes: number): number {
  return Math.max(direction === "write" ? 1 : 0, Math.ceil(bytes / UNIT_BYTES[direction]));
}

/** In real time. A second's calls and units may be taken at once. */
export class Pace {
  readonly #settings: PaceSettings;
  readonly #now: () => number;
  readonly #calls = new Map<string, Bucket>();
  readonly #groups = new Map<string, Bucket>();
  readonly #records = new Map<string, Bucket>();

  constructor(settings: PaceSettings, now = () => performance.now()) {
    this.#settings = settings;
    this.#now = now;
  }

  /** Counts a call of this operation, unless it is one too many. */
  takesCall(operation: string): boolean {
    const { calls, batchGetRecordCalls } = this.#settings;
    const perSecond = operation === "BatchGetRecord" ? (batchGetRecordCalls ?? calls) : calls;
    if (perSecond === undefined) return true;
    const nowMs = this.#now();
    return takeAll([bucketOf(this.#calls, operation, perSecond, nowMs)], 1, nowMs);
  }

  /** Takes the units, unless they are more than the group or the record has left: then none is taken. */
  takes({ direction, groupName, recordId, bytes, provisionedUnits }: RecordCost): boolean {
    const { writeUnits, readUnits, writeUnitsPerRecord, readUnitsPerRecord } = this.#settings;
    const ofGroup = (direction === "write" ? writeUnits : readUnits) ?? provisionedUnits;
    const ofRecord = direction === "write" ? writeUnitsPerRecord : readUnitsPerRecord;
    const key = `${direction} ${groupName}`;
    const nowMs = this.#now();
    const buckets: Bucket[] = [];
    if (ofGroup !== undefined) buckets.push(bucketOf(this.#groups, key, ofGroup, nowMs));
    if (ofRecord !== undefined) {
      if (this.#records.size >= RECORDS_COUNTED) this.#records.clear();
      buckets.push(bucketOf(this.#records, `${key} ${recordId}`, ofRecord, nowMs));
    }
    return takeAll(buckets, toUnits(direction, bytes), nowMs);
  }
}

function takeAll(buckets: readonly Bucket[], units: number, nowMs: number): boolean {
  if (!buckets.every((bucket) => bucket.has(units, nowMs))) return false;
  for (const bucket of buckets) bucket.take(units);
  return true;
}

/** A new and full one once so much a second is no longer what it was: throughput can be changed. */
function bucketOf(buckets: Map<string, Bucket>, key: string, perSecond: number, nowMs: number): Bucket {
  const known = buckets.get(key);
  if (known?.perSecond === perSecond) return known;
  const bucket = new Bucket(perSecond, nowMs);
  buckets.set(key, bucket);
  return bucket;
}

/** A record larger than a second's units is let through by a full bucket, which then owes them. */
class Bucket {
  readonly perSecond: number;
  #left: number;
  #atMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.perSecond = perSecond;
    this.#left = perSecond;
    this.#atMs = nowMs;
  }

  has(units: number, nowMs: number): boolean {
    const earned = ((nowMs - this.#atMs) * this.perSecond) / 1_000;
    this.#left = Math.min(this.perSecond, this.#left + earned);
    this.#atMs = nowMs;
    return units === 0 || (this.#left > 0 && this.#left >= Math.min(units, this.perSecond));
  }

  take(units: number): void {
    this.#left -= units;
  }
}
