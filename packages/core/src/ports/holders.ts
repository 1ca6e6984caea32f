// Who holds a lease, and whether they can still be at work.

export interface Holders {
  /** Names the process (or execution) that asks. */
  current(): string;
  /** True only when that holder is known to be dead; a holder elsewhere, or one that cannot be looked at, is not. */
  isGone(holder: string): boolean;
}
