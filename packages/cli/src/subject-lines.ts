// Decides how the identifiers of an erasure are read from a file: one a line, each as it stands there.

import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { checkInputFiles } from "./input-files.ts";

/** The lines of a file, or of stdin for `-`, without blank ones. @throws InvalidInputError naming the file and the line
 * that is no identifier, never what stands there. */
export async function readSubjectLines(file: string): Promise<readonly string[]> {
  if (file !== "-") await checkInputFiles([file], "identifiers, one a line");
  const { identifierFault, InvalidInputError } = await import("@steward/core");
  const input = file === "-" ? process.stdin : createReadStream(file);
  const identifiers: string[] = [];
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (line.trim() === "") continue;
    const identifier = number === 1 ? line.replace(/^\u{FEFF}/u, "") : line;
    const fault = identifier.includes("\u{FFFD}") ? "is not UTF-8" : identifierFault(identifier);
    if (fault !== undefined)
      throw new InvalidInputError(`${file === "-" ? "stdin" : file}: line ${number} ${fault}`);
    identifiers.push(identifier);
  }
  return identifiers;
}
