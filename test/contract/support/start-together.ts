// The line at which children wait until all of them have started: without it the first is done before the last is there.

import { once } from "node:events";

export const READY = "ready";

/** Says that this child is there, and waits for the word to begin. */
export async function startTogether(): Promise<void> {
  process.stdout.write(`${READY}\n`);
  await once(process.stdin, "data");
  process.stdin.destroy();
}
