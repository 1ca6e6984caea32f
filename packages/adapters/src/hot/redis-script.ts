// Decides how a Lua script runs: by its digest, and once by its text where a node has not seen it (new, restarted or flushed).

import { createHash } from "node:crypto";
import { Command } from "ioredis";
import type { RedisClient } from "./redis-connection.ts";

export interface RedisScript {
  readonly text: string;
  /** SHA-1 in hex, as EVALSHA wants it. */
  readonly digest: string;
}

export function redisScript(text: string): RedisScript {
  return Object.freeze({ text, digest: createHash("sha1").update(text).digest("hex") });
}

/** Bytes that are copied once, into their place in the call. */
export interface WirePart {
  readonly length: number;
  copy(target: Buffer, at: number): number;
}

/** The keys of a call as RESP has them. */
export interface WireKeys {
  readonly first: string;
  readonly count: number;
  /** Each key after its length; cut where its maker likes. */
  readonly resp: readonly (string | WirePart)[];
}

/** A word as RESP has it. */
export function toResp(word: string): string {
  return `$${word.length}\r\n${word}\r\n`;
}

/** Runs the script on the node that holds its keys; all of them must lie in one slot. Keys, and arguments given as text,
 * are ASCII. */
export function runScript(
  client: RedisClient,
  script: RedisScript,
  keys: readonly string[] | WireKeys,
  args: readonly (string | Buffer)[],
): Promise<unknown> {
  return scriptCall(script, keys, args)(client);
}

/** The same, to be sent once and later: buffers are copied, and may be written over as soon as it returns. */
export function scriptCall(
  script: RedisScript,
  keys: readonly string[] | WireKeys,
  args: readonly (string | Buffer)[],
  buffers?: WireBuffers,
): (client: RedisClient) => Promise<unknown> {
  const { first, count, resp } = "resp" in keys ? keys : toWireKeys(keys);
  const words = { first, keyCount: count, count: count + args.length };
  const parts = [...resp, ...args.flatMap(toRespParts)];
  const call = new ScriptCall("evalsha", script.digest, words, parts, buffers);
  return async (client) => {
    try {
      const answer = await client.sendCommand(call);
      // Whoever answered has all its bytes. Of a call that failed nobody knows who may still send them.
      buffers?.give(call.bytes);
      return answer;
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
      return client.sendCommand(new ScriptCall("eval", script.text, words, [call.words]));
    }
  };
}

function toWireKeys(keys: readonly string[]): WireKeys {
  return { first: keys[0] ?? "", count: keys.length, resp: keys.map(toResp) };
}

/** Larger calls are rare, and get bytes of their own. */
const BUFFER_BYTES = 65_536;
const MAX_KEPT = 64;

/** Bytes of calls that were answered, for those to come: a million records are 200 MB of them otherwise, which the collector
 * takes away too late. */
export class WireBuffers {
  readonly #kept: Buffer[] = [];

  /** At least so long; undefined: none is kept of that size. */
  take(length: number): Buffer | undefined {
    return length > BUFFER_BYTES ? undefined : (this.#kept.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES));
  }

  give(buffer: Buffer): void {
    if (buffer.length === BUFFER_BYTES && this.#kept.length < MAX_KEPT) this.#kept.push(buffer);
  }
}

interface Words {
  readonly first: string;
  readonly keyCount: number;
  /** Of keys and arguments together. */
  readonly count: number;
}

/**
 * EVALSHA or EVAL as one buffer. The client's own way takes three calls out of JavaScript a key, more than all the rest of
 * a write costs; a key here is a part of one string. To the client it looks like a call with its first key, which is all
 * that routing needs, and no other key can get into an error.
 */
class ScriptCall extends Command {
  readonly #wire: Buffer;
  /** What the call's own bytes lie in. */
  readonly bytes: Buffer;
  /** Keys and arguments, as RESP has them. */
  readonly words: Buffer;

  constructor(
    name: "evalsha" | "eval",
    script: string,
    words: Words,
    parts: readonly (string | WirePart)[],
    buffers?: WireBuffers,
  ) {
    super(name, [script, "1", words.first], { replyEncoding: "utf8" });
    const head = `*${3 + words.count}\r\n${toResp(name)}${toResp(script)}${toResp(String(words.keyCount))}`;
    const all = [head, ...parts];
    const length = all.reduce((sum, part) => sum + part.length, 0);
    this.bytes = buffers?.take(length) ?? Buffer.allocUnsafe(length);
    this.#wire = this.bytes.subarray(0, length);
    this.words = this.#wire.subarray(head.length);
    write(all, this.#wire);
  }

  override toWritable(): Buffer {
    return this.#wire;
  }
}

function toRespParts(arg: string | Buffer): readonly (string | Buffer)[] {
  return typeof arg === "string" ? [toResp(arg)] : [`$${arg.length}\r\n`, arg, "\r\n"];
}

function write(parts: readonly (string | WirePart)[], wire: Buffer): void {
  let at = 0;
  for (const part of parts) {
    at += typeof part === "string" ? wire.write(part, at, "latin1") : part.copy(wire, at);
  }
}
