// Decides where real time and the spread of a retry come from on a machine: its own clock and its own randomness.
// Leaves the platform's time to driven-clock.ts.

import { setTimeout as pause } from "node:timers/promises";
import type { Timer } from "@steward/core";

/** The longest wait that one timer of Node can hold; a longer one would fire at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export class SystemTimer implements Timer {
  nowMs(): number {
    return Date.now();
  }

  async sleep(durationMs: number): Promise<void> {
    let leftMs = durationMs;
    while (leftMs > 0) {
      const stretchMs = Math.min(leftMs, MAX_TIMEOUT_MS);
      await pause(stretchMs);
      leftMs -= stretchMs;
    }
  }

  fraction(): number {
    return Math.random();
  }
}
