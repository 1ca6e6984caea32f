// Decides the keys of the hot store: a tenant's prefix, the kind (f: value, x: fences and guard), the cluster's hash tag.
// All keys of a tag lie in one cluster slot, so one script may touch them together.

import { type Pseudonym, tagOf } from "@steward/core";
import { toResp, type WireKeys, type WirePart } from "./redis-script.ts";

/** Hex digits of a pseudonym after its tag. */
export const FIELD_CHARS = 61;

const PSEUDONYM_KEY = /^[^:]+:f:\{([0-9a-f]{3})\}([0-9a-f]{61}):/;

/** `growth:f:{0a1}b2…:customer-orders` */
export function valueKey(owner: string, pseudonym: Pseudonym, group: string): string {
  return `${owner}:f:${tagged(pseudonym)}:${group}`;
}

/** `growth:x:{0a1}`: a hash of the tag's fences, a field a subject, and of their guard (decisions/0022). As long as the part
 * of a value's key that the fields follow there. */
export function fencesKey(owner: string, tag: string): string {
  return `${owner}:x:{${tag}}`;
}

/** `b2…`: nothing of this subject dated at or before the field's content may be written. */
export function fenceField(pseudonym: Pseudonym): string {
  return pseudonym.slice(tagOf(pseudonym).length);
}

/** The keys of a batch of one tag: its fences, then each subject's value. */
export function batchKeys(
  owner: string,
  tag: string,
  group: string,
  pseudonyms: readonly Pseudonym[],
): WireKeys {
  const fences = fencesKey(owner, tag);
  const values = valueKeys(`${owner}:f:{${tag}}`, pseudonyms, `:${group}`);
  return { first: fences, count: 1 + pseudonyms.length, resp: [toResp(fences), values] };
}

/** As RESP has them. They are of one length, and differ in one part alone: copying the others costs least. */
function valueKeys(prefix: string, pseudonyms: readonly Pseudonym[], suffix: string): WirePart {
  const begin = Buffer.from(`$${prefix.length + FIELD_CHARS + suffix.length}\r\n${prefix}`);
  const end = Buffer.from(`${suffix}\r\n`);
  const length = pseudonyms.length * (begin.length + FIELD_CHARS + end.length);
  return {
    length,
    copy(target, start) {
      let at = start;
      for (const pseudonym of pseudonyms) {
        target.set(begin, at);
        target.write(fenceField(pseudonym), at + begin.length, "latin1");
        target.set(end, at + begin.length + FIELD_CHARS);
        at += begin.length + FIELD_CHARS + end.length;
      }
      return length;
    },
  };
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
