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
): (client: RedisClient) => Promise<unknown> {
  const { first, count, resp } = "resp" in keys ? keys : toWireKeys(keys);
  const words = { first, keyCount: count, count: count + args.length };
  const call = new ScriptCall("evalsha", script.digest, words, [...resp, ...args.flatMap(toRespParts)]);
  return async (client) => {
    try {
      return await client.sendCommand(call);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
      return client.sendCommand(new ScriptCall("eval", script.text, words, [call.words]));
    }
  };
}

function toWireKeys(keys: readonly string[]): WireKeys {
  return { first: keys[0] ?? "", count: keys.length, resp: keys.map(toResp) };
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
  /** Keys and arguments, as RESP has them. */
  readonly words: Buffer;

  constructor(name: "evalsha" | "eval", script: string, words: Words, parts: readonly (string | WirePart)[]) {
    super(name, [script, "1", words.first], { replyEncoding: "utf8" });
    const head = `*${3 + words.count}\r\n${toResp(name)}${toResp(script)}${toResp(String(words.keyCount))}`;
    this.#wire = toWire([head, ...parts]);
    this.words = this.#wire.subarray(head.length);
  }

  override toWritable(): Buffer {
    return this.#wire;
  }
}

function toRespParts(arg: string | Buffer): readonly (string | Buffer)[] {
  return typeof arg === "string" ? [toResp(arg)] : [`$${arg.length}\r\n`, arg, "\r\n"];
}

function toWire(parts: readonly (string | WirePart)[]): Buffer {
  const wire = Buffer.allocUnsafe(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    at += typeof part === "string" ? wire.write(part, at, "latin1") : part.copy(wire, at);
  }
  return wire;
}
