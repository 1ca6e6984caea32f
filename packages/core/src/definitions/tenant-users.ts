// Decides who may do what in the hot store: each owner's reader and writer, and the pacer's user, as Redis ACL rules.
// Leaves to the stacks how they prove who they are: a password, or an IAM token.

import { InvalidInputError } from "../errors/steward-error.ts";
import { NAME, NAME_RULE } from "./entity.ts";

export interface HotUser {
  /** `[a-z0-9-]`; no two users share it. An ElastiCache user's id begins with a letter and is one of the account and region:
   * put the stage before it. */
  readonly name: string;
  /** What ACL SETUSER takes after the password, and ElastiCache's CreateUser as AccessString. Redis 7.0, Valkey 7.2 and above. */
  readonly accessString: string;
}

export interface TenantUsers {
  /** The tenant's own: its values, nothing else. It sees neither fences nor the names of keys. */
  readonly reader: HotUser;
  /** Steward's, for this owner alone. */
  readonly writer: HotUser;
}

/**
 * Where the pacer's schedules lie. No owner's name has a `_`, so no tenant's pattern covers them, nor the pacer's a tenant.
 */
export const PACE_PREFIX = "_pace:";

/** What clients send to find a cluster's nodes and to know that they serve. AUTH and HELLO need no rule: the server lets
 * everyone send them. READONLY and READWRITE tell a node on which side of a failover it is. */
const CONNECTING = [
  "client|setname",
  "cluster|info",
  "cluster|slots",
  "info",
  "readonly",
  "readwrite",
] as const;
/** A tenant brings a client of its own: further ones ask for the shards, or for what commands there are. INFO, which tells
 * of the whole server, stays away; a client that asks for it goes on without. */
const CONNECTING_READER = [
  "client|setname",
  "cluster|info",
  "cluster|shards",
  "cluster|slots",
  "command",
  "ping",
  "readonly",
  "readwrite",
] as const;
const READING = ["get", "mget"] as const;
/** Calls of the hot store, and what its scripts call: a script has the rights of whoever runs it. */
const WRITING = [
  "eval",
  "evalsha",
  "get",
  "hexists",
  "hget",
  "hgetall",
  "hlen",
  "hset",
  "mget",
  "mset",
  "ping",
  "scan",
  "set",
  "unlink",
  "wait",
] as const;
const PACING = ["eval", "evalsha", "lindex", "lpush", "lrange", "lset", "pexpire", "rpop", "time"] as const;

/**
 * The two users of an owner. Of `growth`, the reader reads `growth:f:*` with GET and MGET; the writer has `growth:*` with
 * the commands that Steward sends, which a test compares with what a server saw. SCAN has no key, so no rule can confine
 * it: the writer could see the names of other owners' keys, which hold pseudonyms, and none of their values.
 * @throws InvalidInputError for what is no owner's name.
 */
export function tenantUsers(owner: string): TenantUsers {
  // A character that a pattern reads otherwise would reach other owners' keys.
  if (!NAME.test(owner)) throw new InvalidInputError(`owner: must be ${NAME_RULE}`);
  return Object.freeze({
    reader: hotUser(`${owner}-reader`, `%R~${owner}:f:*`, [...CONNECTING_READER, ...READING]),
    writer: hotUser(`${owner}-writer`, `~${owner}:*`, [...CONNECTING, ...WRITING]),
  });
}

/** Steward's own, for the schedules of the pace. */
export const PACER_USER: HotUser = hotUser("steward-pacer", `~${PACE_PREFIX}*`, [...CONNECTING, ...PACING]);

function hotUser(name: string, keys: string, commands: readonly string[]): HotUser {
  const rules = [...commands].sort().map((command) => `+${command}`);
  return Object.freeze({ name, accessString: `on ${keys} -@all ${rules.join(" ")}` });
}
