// Real time for tests: it moves only when the test says so.

import type { Timer } from "@steward/core";

export class FakeTimer implements Timer {
  #nowMs: number;

  constructor(startMs = Date.UTC(2026, 0, 31)) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  async sleep(durationMs: number): Promise<void> {
    this.advance(durationMs);
  }

  fraction(): number {
    return 0.5;
  }

  /** Negative: somebody set the machine's clock back. */
  advance(durationMs: number): void {
    this.#nowMs += durationMs;
  }
}
