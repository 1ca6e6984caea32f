// The one way from an identifier to what ledger, logs, metrics and Redis keys may hold.

/** 64 lower-case hex digits: HMAC-SHA256 of entity type, a zero byte and the identifier, under the suppression key. */
export type Pseudonym = string;

export interface Pseudonymiser {
  /** Same input, same pseudonym, for the life of the platform. A few microseconds, in process. */
  pseudonym(entityType: string, identifier: string): Pseudonym;
  /** The key itself, for an engine that must compute pseudonyms where the rows are. Never logged, never stored elsewhere. */
  readonly key: Uint8Array;
}

/** The first three hex digits: the hash tag of the hot store, one of 4,096. */
export const TAG_HEX_DIGITS = 3;

export function tagOf(pseudonym: Pseudonym): string {
  return pseudonym.slice(0, TAG_HEX_DIGITS);
}

/** All tags, ascending. */
export function listTags(): readonly string[] {
  return Array.from({ length: 16 ** TAG_HEX_DIGITS }, (_, index) =>
    index.toString(16).padStart(TAG_HEX_DIGITS, "0"),
  );
}
