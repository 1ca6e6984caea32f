// Decides: what a transaction is, and which of them share a commit.
// Leaves to others: the tables, and ridding the files of what is gone (scrubber.ts).
import type { DatabaseSync, StatementSync } from "node:sqlite";

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Of one connection. What was committed survives a SIGKILL of the process. */
export class Transactions {
  readonly #sql: DatabaseSync;
  readonly #onCommit: () => void;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #savepoint: StatementSync;
  readonly #release: StatementSync;
  readonly #rollbackTo: StatementSync;
  /** Those whose work is done and not yet committed; undefined: no transaction is open. */
  #open: Waiting[] | undefined;

  constructor(sql: DatabaseSync, onCommit: () => void) {
    this.#sql = sql;
    this.#onCommit = onCommit;
    this.#begin = sql.prepare("BEGIN IMMEDIATE");
    this.#commit = sql.prepare("COMMIT");
    this.#savepoint = sql.prepare("SAVEPOINT one");
    this.#release = sql.prepare("RELEASE one");
    this.#rollbackTo = sql.prepare("ROLLBACK TO one");
  }

  /** Runs the work whole or not at all; it is committed when this returns. Not for nesting. */
  transact<T>(work: () => T): T {
    this.settle();
    this.#begin.run();
    try {
      const result = work();
      this.#commit.run();
      this.#onCommit();
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  /** The same, committed when the promise resolves: works that come in one turn of the event loop share a commit, which
   * costs more than the work of any. */
  transactSoon<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const result = this.#runInOpen(work);
      this.#open?.push({ resolve: () => resolve(result), reject });
    });
  }

  /** Commits what is open: whoever reads then sees nothing that a kill could take back. */
  settle(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    try {
      this.#commit.run();
      this.#onCommit();
      for (const { resolve } of open) resolve();
    } catch (error) {
      this.#rollBack();
      for (const { reject } of open) reject(error);
    }
  }

  #runInOpen<T>(work: () => T): T {
    if (this.#open === undefined) {
      this.#begin.run();
      this.#open = [];
      setImmediate(() => this.settle());
    }
    this.#savepoint.run();
    try {
      const result = work();
      this.#release.run();
      return result;
    } catch (error) {
      this.#undo(error);
      throw error;
    }
  }

  /** Undoes one work alone, unless the database has undone all of them, as it does when its disk is full. */
  #undo(error: unknown): void {
    if (this.#sql.isTransaction) {
      this.#rollbackTo.run();
      this.#release.run();
      return;
    }
    const open = this.#open ?? [];
    this.#open = undefined;
    for (const { reject } of open) reject(error);
  }

  #rollBack(): void {
    if (this.#sql.isTransaction) this.#sql.exec("ROLLBACK");
  }
}
