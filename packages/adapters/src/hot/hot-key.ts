// Decides the keys of the hot store: a tenant's prefix, the kind (f: value, x: fence and guard), the cluster's hash tag.
// All keys of a tag lie in one cluster slot, so one script may touch them together.

import { type Pseudonym, tagOf } from "@steward/core";
import { toResp, type WireKeys } from "./redis-script.ts";

const PSEUDONYM_KEY = /^[^:]+:f:\{([0-9a-f]{3})\}([0-9a-f]{61}):/;

/** `growth:f:{0a1}b2…:customer-orders` */
export function valueKey(owner: string, pseudonym: Pseudonym, group: string): string {
  return `${owner}:f:${tagged(pseudonym)}:${group}`;
}

/** `growth:x:{0a1}b2…`: nothing of this subject dated at or before its content may be written. */
export function fenceKey(owner: string, pseudonym: Pseudonym): string {
  return `${owner}:x:${tagged(pseudonym)}`;
}

/** `growth:x:{0a1}`: the life of the server in which the tag's fences were whole; gone after a flush. */
export function guardKey(owner: string, tag: string): string {
  return `${owner}:x:{${tag}}`;
}

/** The keys of a batch of one tag: its guard, then each subject's fence, then each subject's value. Those of a kind differ
 * in one part alone, so that one `join` makes all of them. */
export function batchKeys(
  owner: string,
  tag: string,
  group: string,
  pseudonyms: readonly Pseudonym[],
): WireKeys {
  const guard = guardKey(owner, tag);
  const rests = pseudonyms.map((pseudonym) => pseudonym.slice(tag.length));
  const fences = joinKeys(guard, rests, "");
  const values = joinKeys(`${owner}:f:{${tag}}`, rests, `:${group}`);
  return { first: guard, count: 1 + 2 * rests.length, resp: [toResp(guard), fences, values] };
}

/** Keys of one length, as RESP has them. */
function joinKeys(prefix: string, rests: readonly string[], suffix: string): string {
  const length = prefix.length + (rests[0] ?? "").length + suffix.length;
  const begin = `$${length}\r\n${prefix}`;
  const end = `${suffix}\r\n`;
  return rests.length === 0 ? "" : begin + rests.join(end + begin) + end;
}

/** The SCAN pattern of a group's values. Owner and group hold no character that a pattern reads otherwise. */
export function valueKeyPattern(owner: string, group: string): string {
  return `${owner}:f:{*}*:${group}`;
}

/** The SCAN pattern of all that an owner has: values, fences, guards. */
export function ownedKeyPattern(owner: string): string {
  return `${owner}:[fx]:{*`;
}

/** The pseudonym in a value's key; undefined: not a value's key. */
export function pseudonymOfKey(key: string): Pseudonym | undefined {
  const match = PSEUDONYM_KEY.exec(key);
  return match === null ? undefined : `${match[1]}${match[2]}`;
}

function tagged(pseudonym: Pseudonym): string {
  const tag = tagOf(pseudonym);
  return `{${tag}}${pseudonym.slice(tag.length)}`;
}
