// The time of a platform in an account: the machine's own.

import { type Clock, toEpochMs } from "@steward/core";

export const systemClock: Clock = { now: () => toEpochMs(Date.now()) };
