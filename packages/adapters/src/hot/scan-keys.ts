// Decides how keys are found: every master, step by step. A key may come twice while a table shrinks or a slot moves.

import type { Redis } from "ioredis";
import type { RedisConnection } from "./redis-connection.ts";

/** Keys that a node looks at in one step of a scan. */
const SCAN_COUNT = 1_000;

export interface ScannedKeys {
  readonly node: Redis;
  /** May be empty. */
  readonly keys: readonly string[];
}

/** All keys that fit the pattern, with the node that has them. @throws UnavailableError when Redis cannot be reached. */
export async function* scanKeys(connection: RedisConnection, pattern: string): AsyncGenerator<ScannedKeys> {
  for (const node of await connection.masters()) {
    let cursor = "0";
    do {
      const [next, keys] = await connection.run(() =>
        node.scan(cursor, "MATCH", pattern, "COUNT", SCAN_COUNT),
      );
      cursor = next;
      yield { node, keys };
    } while (cursor !== "0");
  }
}
