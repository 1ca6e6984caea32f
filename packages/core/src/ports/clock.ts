// The time of the platform. Leases, time-outs and visibility stay on real time and do not use this port.

import type { EpochMs } from "../time/epoch-ms.ts";

export interface Clock {
  /** The platform's now. Never goes back within one state. */
  now(): EpochMs;
}
