// The durable memory of the platform: items under (partition, sort), changed by single-item conditional writes alone,
// as DynamoDB offers them. What the items mean is decided in core/ledger and core/suppression.

export type LedgerValue =
  | string
  | number
  | boolean
  | null
  | readonly LedgerValue[]
  | { readonly [key: string]: LedgerValue };
export type LedgerBody = { readonly [key: string]: LedgerValue };

export interface LedgerKey {
  readonly partition: string;
  readonly sort: string;
}

export interface LedgerItem extends LedgerKey {
  /** Starts at 1 and rises by 1 with every write of this item. */
  readonly version: number;
  readonly body: LedgerBody;
}

/** What must be so for a write to apply: the item absent, or unchanged since that version was read. */
export type Expectation = "absent" | { readonly version: number };

export type ConditionalOutcome =
  | { readonly kind: "applied"; readonly version: number }
  | { readonly kind: "conflict" };

export interface Ledger {
  /** Strongly consistent read of one item. */
  find(key: LedgerKey): Promise<LedgerItem | undefined>;
  /** All items of a partition whose sort key begins with `prefix` (default: all), ascending by sort key (bytewise),
   * strongly consistent, read to the last page. */
  list(partition: string, prefix?: string): Promise<readonly LedgerItem[]>;
  /** Writes the whole item if the expectation holds; `conflict` otherwise and nothing changes. Durable once it returns. */
  put(key: LedgerKey, body: LedgerBody, expected: Expectation): Promise<ConditionalOutcome>;
  /** Removes the item if it still has that version. */
  remove(key: LedgerKey, expected: { readonly version: number }): Promise<ConditionalOutcome>;
}
