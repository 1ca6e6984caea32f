// Decides: whether a call is within the units that a group, and a record of it, may take each second.
// Leaves to others: what becomes of one that is not (runtime/): a call is throttled, an entry of a batch comes back unprocessed.

/** Each second; undefined: without bound. AWS's own for a record are 500 to write and 2,400 to read (developer guide, quotas). */
export interface PaceSettings {
  readonly writeUnits?: number | undefined;
  readonly readUnits?: number | undefined;
  readonly writeUnitsPerRecord?: number | undefined;
  readonly readUnitsPerRecord?: number | undefined;
}

export type Direction = "write" | "read";

const UNIT_BYTES = { write: 1_024, read: 4_096 } as const;
/** Records whose units are counted at once; beyond, counting begins anew. */
const RECORDS_COUNTED = 100_000;

/** What a record of so many bytes costs: at least one unit to write, none to read one that is not there. */
export function toUnits(direction: Direction, bytes: number): number {
  return Math.max(direction === "write" ? 1 : 0, Math.ceil(bytes / UNIT_BYTES[direction]));
}

/** In real time. A second's units may be taken at once. */
export class Pace {
  readonly #settings: PaceSettings;
  readonly #groups = new Map<Direction, Bucket>();
  readonly #records = new Map<string, Bucket>();

  constructor(settings: PaceSettings) {
    this.#settings = settings;
  }

  /** Takes the units, unless they are more than the group or the record has left: then none is taken. */
  takes(direction: Direction, recordId: string, bytes: number): boolean {
    const units = toUnits(direction, bytes);
    const nowMs = performance.now();
    const { writeUnits, readUnits, writeUnitsPerRecord, readUnitsPerRecord } = this.#settings;
    const ofGroup = direction === "write" ? writeUnits : readUnits;
    const ofRecord = direction === "write" ? writeUnitsPerRecord : readUnitsPerRecord;
    const buckets: Bucket[] = [];
    if (ofGroup !== undefined) buckets.push(bucketOf(this.#groups, direction, ofGroup, nowMs));
    if (ofRecord !== undefined) {
      if (this.#records.size >= RECORDS_COUNTED) this.#records.clear();
      buckets.push(bucketOf(this.#records, `${direction} ${recordId}`, ofRecord, nowMs));
    }
    if (!buckets.every((bucket) => bucket.has(units, nowMs))) return false;
    for (const bucket of buckets) bucket.take(units);
    return true;
  }
}

function bucketOf<K>(buckets: Map<K, Bucket>, key: K, perSecond: number, nowMs: number): Bucket {
  const known = buckets.get(key);
  if (known !== undefined) return known;
  const bucket = new Bucket(perSecond, nowMs);
  buckets.set(key, bucket);
  return bucket;
}

/** A record larger than a second's units is let through by a full bucket, which then owes them. */
class Bucket {
  readonly #perSecond: number;
  #left: number;
  #atMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#left = perSecond;
    this.#atMs = nowMs;
  }

  has(units: number, nowMs: number): boolean {
    const earned = ((nowMs - this.#atMs) * this.#perSecond) / 1_000;
    this.#left = Math.min(this.#perSecond, this.#left + earned);
    this.#atMs = nowMs;
    return this.#left >= Math.min(units, this.#perSecond);
  }

  take(units: number): void {
    this.#left -= units;
  }
}
