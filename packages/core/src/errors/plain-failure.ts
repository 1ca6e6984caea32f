// Decides which words of a failure may be kept in ledger, execution and log: those of Steward's own errors, which hold no
// identifier and no value by rule; of any other error its name alone. Leaves to others where they are kept.

import { StewardError } from "./steward-error.ts";

export interface PlainFailure {
  /** The error's name, as a state machine's Retry and Catch match it. */
  readonly name: string;
  /** A plain sentence without identifiers or values. */
  readonly message: string;
}

/** The names of all families of steward-error.ts. */
export const STEWARD_ERROR_NAMES: ReadonlySet<string> = new Set([
  "InvalidInputError",
  "DefinitionError",
  "NotFoundError",
  "LeaseHeldError",
  "LeaseLostError",
  "DataRejectedError",
  "WriteFailedError",
  "DifferencesFoundError",
  "UnavailableError",
  "ConflictError",
]);

const ERROR_NAME = /^[A-Za-z][A-Za-z0-9.]{0,63}$/;
const UNNAMED = "Error";

/** Of an error that was thrown here. `Error: customer 00042 is odd` keeps `Error`, and nothing of its words. */
export function toPlainFailure(thrown: unknown): PlainFailure {
  if (thrown instanceof StewardError) return { name: thrown.name, message: thrown.message };
  const name = toErrorName(thrown instanceof Error ? thrown.name : UNNAMED);
  return { name, message: withoutItsWords(name) };
}

/** Of an error that crossed a boundary as its name and its message. */
export function plainFailureOf(name: string, message: string): PlainFailure {
  if (STEWARD_ERROR_NAMES.has(name)) return { name, message };
  return { name: toErrorName(name), message: withoutItsWords(toErrorName(name)) };
}

/** A name that looks like one; anything longer or stranger may quote data too. */
export function toErrorName(name: unknown): string {
  return typeof name === "string" && ERROR_NAME.test(name) ? name : UNNAMED;
}

function withoutItsWords(name: string): string {
  return `the step ended with ${name}, whose own words are not kept because they may quote data`;
}
