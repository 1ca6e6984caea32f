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

const LINE_END = Buffer.from("\r\n", "latin1");

/** Runs the script on the node that holds its keys; all of them must lie in one slot. Keys, and arguments given as text,
 * are ASCII. */
export async function runScript(
  client: RedisClient,
  script: RedisScript,
  keys: readonly string[],
  args: readonly (string | Buffer)[],
): Promise<unknown> {
  try {
    return await client.sendCommand(new EvalSha(script.digest, keys, args));
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
    return client.eval(script.text, keys.length, ...keys, ...args);
  }
}

/**
 * EVALSHA as one buffer. The client's own way takes three calls out of JavaScript a key, more than all the rest of a
 * write costs; a key here is a part of one string. To the client it looks like a call with its first key, which is all
 * that routing needs, and no other key can get into an error.
 */
class EvalSha extends Command {
  readonly #wire: Buffer;

  constructor(digest: string, keys: readonly string[], args: readonly (string | Buffer)[]) {
    super("evalsha", [digest, "1", ...keys.slice(0, 1)], { replyEncoding: "utf8" });
    this.#wire = toWire(["evalsha", digest, String(keys.length), ...keys], args);
  }

  override toWritable(): Buffer {
    return this.#wire;
  }
}

/** The request in RESP: the number of words, then each after its length. */
function toWire(words: readonly string[], args: readonly (string | Buffer)[]): Buffer {
  let head = `*${words.length + args.length}\r\n`;
  for (const word of words) head += `$${word.length}\r\n${word}\r\n`;
  const parts: Buffer[] = [Buffer.from(head, "latin1")];
  for (const arg of args) {
    const bytes = typeof arg === "string" ? Buffer.from(arg, "latin1") : arg;
    parts.push(Buffer.from(`$${bytes.length}\r\n`, "latin1"), bytes, LINE_END);
  }
  return Buffer.concat(parts);
}
