// Decides what a run id looks like: the second in words a person can read, then milliseconds and chance, so that ids
// sort by creation. Leaves to the ledger that an id is taken once.

import { randomInt } from "node:crypto";
import type { Ids, Timer } from "@steward/core";

const RANDOM_DIGITS = 6;

/** Two digits of base 36 hold the 1,000 milliseconds of a second. */
const MILLISECOND_DIGITS = 2;

/**
 * Ids like `20261124t203301-7f3k2m9x`: UTC second, millisecond (base 36), then one of 2 billion by chance. Two ids of
 * one process never share a millisecond, so they sort by creation; two of different processes sort by their clocks.
 */
export class TimeSortedIds implements Ids {
  readonly #timer: Timer;
  #lastMs = 0;

  /** Real time: a driven clock stands still, and then nothing would sort. */
  constructor(options: { readonly timer: Timer }) {
    this.#timer = options.timer;
  }

  runId(): string {
    this.#lastMs = Math.max(Math.floor(this.#timer.nowMs()), this.#lastMs + 1);
    const [date = "", time = ""] = new Date(this.#lastMs).toISOString().split("T");
    const second = `${date.replaceAll("-", "")}t${time.slice(0, 8).replaceAll(":", "")}`;
    const millisecond = (this.#lastMs % 1_000).toString(36).padStart(MILLISECOND_DIGITS, "0");
    const chance = randomInt(36 ** RANDOM_DIGITS)
      .toString(36)
      .padStart(RANDOM_DIGITS, "0");
    return `${second}-${millisecond}${chance}`;
  }
}
