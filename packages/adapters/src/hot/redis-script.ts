// Decides how a Lua script runs: by its digest, and once by its text where a node has not seen it (new, restarted or flushed).

import { createHash } from "node:crypto";
import type { RedisClient } from "./redis-connection.ts";

export interface RedisScript {
  readonly text: string;
  /** SHA-1 in hex, as EVALSHA wants it. */
  readonly digest: string;
}

export function redisScript(text: string): RedisScript {
  return Object.freeze({ text, digest: createHash("sha1").update(text).digest("hex") });
}

/** Runs the script on the node that holds its keys; all of them must lie in one slot. */
export async function runScript(
  client: RedisClient,
  script: RedisScript,
  keys: readonly string[],
  args: readonly (string | Buffer)[],
): Promise<unknown> {
  try {
    return await client.evalsha(script.digest, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
    return client.eval(script.text, keys.length, ...keys, ...args);
  }
}
