// The defaults of reading a stream, each with its reason.

/** Events read and written at a time: seconds of a busy shard, and one call of the online store's adapter. */
export const STREAM_PAGE_EVENTS = 400;

/** Several times as long as a page takes; a consumer that died on another machine is followed so soon. */
export const STREAM_LEASE_MS = 60_000;

/** Clocks of writers and readers differ, and an arrival is dated before it can be read. */
export const HAND_OVER_MARGIN_MS = 60_000;
