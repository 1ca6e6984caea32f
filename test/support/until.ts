// Waiting for what another process or the background brings about, with an end to the patience.

import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 20;
const PATIENCE_MS = 20_000;

/** The first answer that is not undefined or false. Rejects when there is none in 20 s. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  for (const endMs = Date.now() + PATIENCE_MS; Date.now() < endMs; await sleep(POLL_MS)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`in vain: ${what}`);
}
