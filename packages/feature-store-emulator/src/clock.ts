// Decides: what time it is for expiry and for the times the emulator stamps.
// Leaves to others: everything that must run on real time (latency, time-outs, status changes).
import type { DatabaseSync, StatementSync } from "node:sqlite";

/** A clock that stands at a given instant, or follows its source. Where it stands outlives the process. */
export class Clock {
  readonly #source: () => number;
  readonly #keep: StatementSync;
  #fixedAtMs: number | undefined;

  constructor(sql: DatabaseSync, source: () => number) {
    this.#source = source;
    this.#keep = sql.prepare("INSERT OR REPLACE INTO settings (name, value) VALUES ('clock', ?)");
    const kept = sql.prepare("SELECT value FROM settings WHERE name = 'clock'").get();
    this.#fixedAtMs = kept === undefined ? undefined : (JSON.parse(String(kept.value)) ?? undefined);
  }

  /** Whole milliseconds since 1970. */
  nowMs(): number {
    return this.#fixedAtMs ?? Math.floor(this.#source());
  }

  get isFixed(): boolean {
    return this.#fixedAtMs !== undefined;
  }

  /** Stops the clock at an instant; undefined lets it follow its source again. */
  fixAt(nowMs: number | undefined): void {
    this.#keep.run(JSON.stringify(nowMs ?? null));
    this.#fixedAtMs = nowMs;
  }
}
