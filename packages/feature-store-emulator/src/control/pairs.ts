// Decides: how tags and parameters of features are kept, and how they travel: a list of keys with their values.
// Leaves to others: how many there may be (tags.ts, feature-metadata.ts).

export type Pairs = Readonly<Record<string, string>>;

export interface Pair {
  readonly Key: string;
  readonly Value: string;
}

/** Of pairs with one key the last counts. */
export function toPairs(list: readonly Pair[]): Pairs {
  return Object.fromEntries(list.map(({ Key, Value }) => [Key, Value]));
}

export function fromPairs(pairs: Pairs): Pair[] {
  return Object.entries(pairs).map(([Key, Value]) => ({ Key, Value }));
}

export function withoutKeys(pairs: Pairs, keys: readonly string[]): Pairs {
  return Object.fromEntries(Object.entries(pairs).filter(([key]) => !keys.includes(key)));
}
