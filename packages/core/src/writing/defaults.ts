// The defaults of the write path, each with its reason.

import type { Backoff } from "./backoff.ts";

/** Within one delivery of a chunk: throttles and short outages. Tries are counted anew whenever one settles a record. */
export const WRITE_BACKOFF: Backoff = { firstMs: 50, ceilingMs: 2_000, maxTries: 6 };

/** Between two deliveries of a chunk that did not settle. */
export const REDELIVERY_BACKOFF: Backoff = {
  firstMs: 500,
  ceilingMs: 30_000,
  maxTries: Number.POSITIVE_INFINITY,
};

/** Records of one call to the online store's adapter: it splits them into calls of 25 and keeps 16 in flight. */
export const ONLINE_SLICE_RECORDS = 400;

/** Bytes that one write unit of Feature Store covers (throughput mode page of the SageMaker guide, 2026-11-22). */
export const WRITE_UNIT_BYTES = 1_024;

/** Under a pace, what one reservation holds at most is this part of a second: fine enough to be even, few enough to be cheap. */
export const RESERVATIONS_PER_SECOND = 10;
