// Decides the families of faults: one class per reaction that a caller can have.
// Leaves expected outcomes to values; an error here means that something could not be said or done.

export interface StewardErrorOptions {
  readonly cause?: unknown;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

/** The base of all errors of the project. `name` is the string that a state machine's Retry and Catch match. */
export abstract class StewardError extends Error {
  abstract override readonly name: string;
  abstract readonly retryable: boolean;
  readonly details: Readonly<Record<string, string | number | boolean>>;

  constructor(message: string, options: StewardErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.details = options.details ?? {};
  }
}

/** The caller's mistake: correct the request and ask again. The message names the field and the rule. */
export class InvalidInputError extends StewardError {
  override readonly name = "InvalidInputError";
  override readonly retryable = false;
}

/** A definition that breaks a rule, found where it is declared. */
export class DefinitionError extends StewardError {
  override readonly name = "DefinitionError";
  override readonly retryable = false;
}

/** What was asked for does not exist. */
export class NotFoundError extends StewardError {
  override readonly name = "NotFoundError";
  override readonly retryable = false;
}

/** Somebody else holds the group: wait for them, or see who it is. */
export class LeaseHeldError extends StewardError {
  override readonly name = "LeaseHeldError";
  override readonly retryable = false;
}

/** This run no longer holds its lease (cancelled, or another took over): stop, touch nothing more. */
export class LeaseLostError extends StewardError {
  override readonly name = "LeaseLostError";
  override readonly retryable = false;
}

/** The data breaks a rule that the operator set (threshold, range, schema): nothing was published. */
export class DataRejectedError extends StewardError {
  override readonly name = "DataRejectedError";
  override readonly retryable = false;
}

/** Some records could not be written: they wait in the dead letters for a redrive. */
export class WriteFailedError extends StewardError {
  override readonly name = "WriteFailedError";
  override readonly retryable = false;
}

/** The stores do not hold what was written, or the counts do not balance: look at the stores, then write again. */
export class DifferencesFoundError extends StewardError {
  override readonly name = "DifferencesFoundError";
  override readonly retryable = false;
}

/** A store or service did not answer, or asked to slow down: the same call may succeed later. */
export class UnavailableError extends StewardError {
  override readonly name = "UnavailableError";
  override readonly retryable = true;
}

/** Two writers met at one item: read again and decide again. */
export class ConflictError extends StewardError {
  override readonly name = "ConflictError";
  override readonly retryable = true;
}
