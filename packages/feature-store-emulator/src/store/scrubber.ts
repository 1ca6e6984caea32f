// Decides: when what was deleted or overwritten is gone from the files too. secure_delete zeroes a row where it lay; the
// write-ahead log keeps old pages until it is cut, and pages that were split or merged keep copies until they are rebuilt.
// Leaves to others: saying that something was written or deleted (database.ts, the operations).
import type { DatabaseSync, StatementSync } from "node:sqlite";

/** After the last write or deletion; a steady stream of writes is left to SQLite's own checkpoints. */
const SETTLED_MS = 300;
/** The log is cut so soon after a deletion, whatever is done meanwhile; those that follow within it share one cut. */
const DELETED_MS = 200;
/** When a reader stood in the way. */
const RETRY_MS = 50;
/** No request is served while the file is rebuilt: about 0.4 s at this size (2 cores). A larger one is when that is asked for. */
const REBUILT_UNASKED_BYTES = 32 * 1_024 * 1_024;

/** Rids the files of one database of what is gone, in the background of the process. */
export class Scrubber {
  readonly #sql: DatabaseSync;
  readonly #cut: StatementSync;
  readonly #size: StatementSync;
  /** When each thing is due; undefined: not at all. */
  #cutAtMs: number | undefined;
  #rebuildAtMs: number | undefined;
  #hasDeleted = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(sql: DatabaseSync) {
    this.#sql = sql;
    this.#cut = sql.prepare("PRAGMA wal_checkpoint(TRUNCATE)");
    this.#size = sql.prepare(
      "SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size",
    );
  }

  /** The log is cut once nothing more was written for 0.3 s. */
  noteWrite(): void {
    if (!this.#hasDeleted) this.#cutAtMs = performance.now() + SETTLED_MS;
    this.#timer ??= this.#wait(SETTLED_MS);
  }

  /** The log is cut within 0.2 s; once nothing more was deleted for 0.3 s, the file is rebuilt, unless it is large. */
  noteDeletion(): void {
    const nowMs = performance.now();
    this.#rebuildAtMs = nowMs + SETTLED_MS;
    if (this.#hasDeleted) return;
    this.#hasDeleted = true;
    this.#cutAtMs = nowMs + DELETED_MS;
    clearTimeout(this.#timer);
    this.#timer = this.#wait(DELETED_MS);
  }

  /** Rebuilds the file, however large, and cuts the log. False while a reader stands in the way. */
  scrub(): boolean {
    return this.#rebuild() && this.cut();
  }

  /** Cuts the log. False while a reader stands in the way. */
  cut(): boolean {
    return this.#attempt(() => {
      if (Number(this.#cut.get()?.busy) !== 0) return false;
      this.#cutAtMs = undefined;
      this.#hasDeleted = false;
      return true;
    });
  }

  /** Nothing runs any more that was put off. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #rebuild(): boolean {
    return this.#attempt(() => {
      this.#sql.exec("VACUUM");
      this.#rebuildAtMs = undefined;
      return true;
    });
  }

  /** A statement of this very connection that reads makes SQLite refuse; so does a full disk. */
  #attempt(work: () => boolean): boolean {
    try {
      return work();
    } catch {
      return false;
    }
  }

  #wait(delayMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#whenDue(), delayMs).unref();
  }

  #whenDue(): void {
    this.#timer = undefined;
    const nowMs = performance.now();
    let isDone = true;
    if (this.#rebuildAtMs !== undefined && this.#rebuildAtMs <= nowMs) {
      if (Number(this.#size.get()?.bytes) > REBUILT_UNASKED_BYTES) this.#rebuildAtMs = undefined;
      else isDone = this.scrub();
    }
    if (this.#cutAtMs !== undefined && this.#cutAtMs <= nowMs) isDone = this.cut() && isDone;
    const dueMs = Math.min(
      this.#cutAtMs ?? Number.POSITIVE_INFINITY,
      this.#rebuildAtMs ?? Number.POSITIVE_INFINITY,
    );
    if (dueMs < Number.POSITIVE_INFINITY)
      this.#timer = this.#wait(isDone ? Math.max(0, dueMs - nowMs) : RETRY_MS);
  }
}
