// Decides what an error of Step Functions asks of the caller, once for all calls, by the error's name.
// Leaves unknown errors as they are.

import { InvalidInputError, NotFoundError, UnavailableError } from "@steward/core";

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_Operations.html, errors of the four calls, read 2026-11-24. */
const INVALID_INPUT = new Set([
  "ExecutionAlreadyExists",
  "ExecutionNotRedrivable",
  "InvalidArn",
  "InvalidExecutionInput",
  "InvalidName",
  "ValidationException",
]);
const NOT_FOUND = new Set(["ExecutionDoesNotExist", "StateMachineDoesNotExist", "StateMachineDeleting"]);
const UNAVAILABLE = new Set([
  "ExecutionLimitExceeded",
  "InternalFailure",
  "KmsThrottlingException",
  "NetworkingError",
  "RequestLimitExceeded",
  "ServiceUnavailable",
  "ThrottlingException",
  "TimeoutError",
  "TooManyRequestsException",
]);
const NO_ANSWER = new Set(["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "EPIPE", "ETIMEDOUT"]);

interface SdkError extends Error {
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** The error to throw instead. The vendor's message is kept as the cause only: it may quote the input. */
export function toStewardError(what: string, thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const error: SdkError = thrown;
  const options = { cause: error };
  const message = `${what}: ${error.name}`;
  if (INVALID_INPUT.has(error.name)) return new InvalidInputError(message, options);
  if (NOT_FOUND.has(error.name)) return new NotFoundError(message, options);
  const status = error.$metadata?.httpStatusCode ?? 0;
  const isUnanswered = typeof error.code === "string" && NO_ANSWER.has(error.code);
  if (UNAVAILABLE.has(error.name) || status === 429 || status >= 500 || isUnanswered) {
    return new UnavailableError(message, options);
  }
  return thrown;
}
