// Decides how a person is asked before something is gone for good.

import { createInterface } from "node:readline/promises";
import { UsageError } from "./plain-error.ts";

/** Asks on a terminal; anything but yes is no. @throws UsageError where nobody can be asked. */
export async function isConfirmed(question: string, otherwise: string): Promise<boolean> {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true)
    throw new UsageError(`${otherwise}: say --yes`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
