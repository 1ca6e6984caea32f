// Decides what a rebuild is expected to take: chunks, time at the pace, dollars in an account.

import type { Target } from "../ledger/run.ts";
import type { SnapshotSize } from "../ports/batch-engine.ts";
import { TAG_HEX_DIGITS } from "../ports/pseudonymiser.ts";
import { WRITE_UNIT_BYTES } from "../writing/defaults.ts";
import { type Price, type PricedItem, REBUILD_PRICES } from "./prices.ts";

export interface Cost extends Price {
  readonly quantity: number;
  /** Of this item, for the quantity. */
  readonly total: number;
}

export interface Forecast {
  readonly records: number;
  readonly chunks: number;
  readonly bytes: number;
  readonly seconds: number;
  /** What the same rebuild costs in an account, idle stores not counted. */
  readonly dollars: number;
  readonly costs: readonly Cost[];
}

export interface ForecastInput extends SnapshotSize {
  readonly targets: readonly Target[];
  readonly chunkRecords: number;
  readonly unitsPerSecond: number | undefined;
}

/** Without a pace: what two cores took from the emulator and one Redis, compare included (23,570 records of cdnow, 2026-11-24). */
const UNPACED_RECORDS_PER_SECOND: Readonly<Record<Target, number>> = { online: 6_000, hot: 20_000 };
const READ_UNIT_BYTES = 4_096;
/** Workers that share the pace at once, 1 GB each. */
const WORKERS = 10;
/** A send, a receipt and an acknowledgement. */
const REQUESTS_A_CHUNK = 3;
/** A chunk is planned, then settled. */
const LEDGER_WRITES_A_CHUNK = 2;
const TAGS = 16 ** TAG_HEX_DIGITS;
/** Suppressions are read by the plan, by the workers and by the compare. */
const SUPPRESSION_READERS = 3;
const BATCH_DPUS = 2;
const MIN_BATCH_SECONDS = 60;
/** A snapshot sorts about so much a second and DPU. */
const BATCH_BYTES_PER_SECOND = 20_000_000;

/** Worked example: 23,570 records of 250 bytes at 1,000 units a second → 6 chunks of 4,096, 24 s. */
export function forecastRebuild(input: ForecastInput): Forecast {
  const { recordCount, valueBytes, targets, chunkRecords, unitsPerSecond } = input;
  const recordBytes = recordCount === 0 ? 0 : valueBytes / recordCount;
  const writeUnits = recordCount * Math.max(1, Math.ceil(recordBytes / WRITE_UNIT_BYTES));
  const readUnits = recordCount * Math.max(1, Math.ceil(recordBytes / READ_UNIT_BYTES));
  const chunks = Math.ceil(recordCount / chunkRecords);
  const isOnline = targets.includes("online");
  const seconds = Math.ceil(
    isOnline && unitsPerSecond !== undefined
      ? writeUnits / unitsPerSecond
      : recordCount / Math.min(...targets.map((target) => UNPACED_RECORDS_PER_SECOND[target])),
  );
  const batchSeconds = Math.max(MIN_BATCH_SECONDS, valueBytes / BATCH_BYTES_PER_SECOND / BATCH_DPUS);
  const quantities: Readonly<Record<PricedItem, number>> = {
    onlineWrites: isOnline ? writeUnits : 0,
    onlineReads: isOnline ? readUnits : 0,
    queueRequests: chunks * REQUESTS_A_CHUNK,
    ledgerWrites: chunks * LEDGER_WRITES_A_CHUNK,
    ledgerReads: SUPPRESSION_READERS * TAGS + 2 * chunks,
    workerSeconds: Math.min(WORKERS, chunks) * seconds,
    batchHours: (BATCH_DPUS * batchSeconds) / 3_600,
  };
  const costs = (Object.keys(quantities) as PricedItem[]).map((name): Cost => {
    const price: Price = REBUILD_PRICES[name];
    return {
      ...price,
      quantity: quantities[name],
      total: (quantities[name] / price.per) * price.dollars,
    };
  });
  const dollars = costs.reduce((sum, { total }) => sum + total, 0);
  return { records: recordCount, chunks, bytes: Math.round(valueBytes), seconds, dollars, costs };
}
