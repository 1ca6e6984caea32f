// Decides: when work outside a request runs, and that none runs after the emulator is closed.
// Leaves to others: the work.

/** Delayed work in real time. What has not run when it is stopped never runs: it must be resumable from disk. */
export class Background {
  readonly #timers = new Set<NodeJS.Timeout>();
  #isStopped = false;

  schedule(work: () => void, delayMs: number): void {
    if (this.#isStopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, delayMs);
    timer.unref();
    this.#timers.add(timer);
  }

  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
