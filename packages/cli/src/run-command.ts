// Parses the command line, runs one command, ends with its exit code.

import { CommanderError } from "commander";
import { exitCodeOfError } from "./exit-code.ts";
import { Output } from "./output.ts";
import { toPlainError } from "./plain-error.ts";
import { createProgram } from "./program.ts";

try {
  await createProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError)
    process.exitCode = error.exitCode; // help and version
  else {
    const plain = toPlainError(error);
    const isJson = process.argv.slice(2).includes("--json");
    new Output({ json: isJson, quiet: false }).error(plain, error);
    process.exitCode = exitCodeOfError(plain.name);
  }
}
process.exit(); // nothing that still waits holds the command up
