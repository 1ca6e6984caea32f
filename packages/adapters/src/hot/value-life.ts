// Decides how long a hot value lives: until event time + ttl + a jitter that its key fixes.

import type { EpochMs, Pseudonym } from "@steward/core";

/** The most that the jitter adds to a ttl: a tenth, so that a batch written together does not expire together. */
export const MAX_JITTER_SHARE = 0.1;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** Of the pseudonym: enough to tell its subject from any other in a second's writes. */
const JITTER_HEX_DIGITS = 8;
const UINT32_RANGE = 2 ** 32;

/** A value's remaining life in whole milliseconds, at most 0 when it is past it. */
export type ValueLife = (pseudonym: Pseudonym, eventTimeMs: EpochMs, nowMs: EpochMs) => number;

/**
 * The life of a group's values. It depends on group, pseudonym, event time and now alone, so a rewrite never lives longer.
 * With a ttl of 30 days a value dated 1 March expires, at one fixed instant, from 31 March until before 3 April.
 */
export function valueLife(group: string, ttlMs: number): ValueLife {
  const groupHash = fnv1a(group, FNV_OFFSET);
  return (pseudonym, eventTimeMs, nowMs) => {
    const fraction = (fnv1a(pseudonym.slice(-JITTER_HEX_DIGITS), groupHash) >>> 0) / UINT32_RANGE;
    return eventTimeMs + ttlMs + Math.floor(fraction * MAX_JITTER_SHARE * ttlMs) - nowMs;
  };
}

/** FNV-1a of the text's ASCII codes, 32 bits, going on from `seed`. */
function fnv1a(text: string, seed: number): number {
  let hash = seed;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME);
  }
  return hash;
}
