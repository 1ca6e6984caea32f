// Decides how long to wait before a try is made again: full jitter under a doubling ceiling.
// Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.

export interface Backoff {
  readonly firstMs: number;
  readonly ceilingMs: number;
  readonly maxTries: number;
}

/** The wait after `failures` failed tries: uniform in [0, min(ceiling, first × 2^(failures − 1))). 100 ms, third: below 400 ms. */
export function backoffMs(backoff: Backoff, failures: number, fraction: number): number {
  return Math.floor(fraction * Math.min(backoff.ceilingMs, backoff.firstMs * 2 ** (failures - 1)));
}
