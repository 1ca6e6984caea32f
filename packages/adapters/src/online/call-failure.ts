// Decides what an error of the SDK means: by its name and codes, since unmodelled errors have no class of their own.
// Leaves what follows from it to each operation. Messages of the SDK are dropped: they may quote a record.

import { InvalidInputError, NotFoundError, StewardError, UnavailableError } from "@steward/core";

/** Nothing answered at this address: no call can have had an effect. */
const UNREACHABLE = new Set(["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH", "EAI_AGAIN"]);
/** The call may or may not have had its effect. The SDK itself calls a lost connection a TimeoutError. */
const INTERRUPTED = /^(ECONNRESET|EPIPE|ETIMEDOUT|TimeoutError|RequestTimeout|NetworkingError|AbortError)/;
/** Feature Store models no throttle, so that its name is a guess of more than one (aws-semantics A.16). */
const TRY_AGAIN = /Throttl|TooManyRequests|ServiceUnavailable|InternalFailure|InternalServer|SlowDown/i;

export type CallFailure =
  | { readonly kind: "unreachable" }
  | { readonly kind: "throttled" }
  | { readonly kind: "refused"; readonly name: string };

export function classifyFailure(error: unknown): CallFailure {
  const { name, code, status } = describe(error);
  if (UNREACHABLE.has(code)) return { kind: "unreachable" };
  const isAnswerLost = status >= 200 && status < 300;
  if (INTERRUPTED.test(code) || INTERRUPTED.test(name) || isAnswerLost) return { kind: "throttled" };
  if (TRY_AGAIN.test(name) || status === 429 || status >= 500) return { kind: "throttled" };
  return { kind: "refused", name };
}

/** Whether the code of one entry of a batch asks for another try. */
export function isThrottleCode(code: string): boolean {
  return TRY_AGAIN.test(code);
}

/** Feature Store's answer for a group that it does not know, or not yet: a 400 of some operations (sagemaker-python-sdk issue 2606), a 404 of others. */
export function isGroupMissing(error: unknown): boolean {
  const { name, message } = describe(error);
  return (
    name === "ResourceNotFound" ||
    name === "ResourceNotFoundException" ||
    (isValidation(error) && message.startsWith("Resource Not Found"))
  );
}

/** Documents say ValidationException, the runtime's model ValidationError. */
export function isValidation(error: unknown): boolean {
  return describe(error).name.startsWith("Validation");
}

/** The error of the family that callers react to, with the group and the SDK's name of it. */
export function toStewardError(error: unknown, group: string): StewardError {
  if (error instanceof StewardError) return error;
  const failure = classifyFailure(error);
  if (failure.kind === "unreachable") return unreachable();
  if (failure.kind === "throttled")
    return new UnavailableError(
      `the online store gave no answer for group "${group}", or asked to slow down: try again later`,
    );
  if (isGroupMissing(error))
    return new NotFoundError(`the online store has no group "${group}" that can be used`);
  const message = `the online store refused a call for group "${group}": ${failure.name}`;
  return isValidation(error) ? new InvalidInputError(message) : new UnavailableError(message);
}

export function unreachable(): UnavailableError {
  return new UnavailableError("the online store cannot be reached");
}

function describe(error: unknown): { name: string; code: string; status: number; message: string } {
  const given = (typeof error === "object" && error !== null ? error : {}) as {
    name?: unknown;
    code?: unknown;
    message?: unknown;
    $metadata?: { httpStatusCode?: unknown };
    errors?: readonly unknown[];
  };
  // Both families of addresses were refused: Node then gives one AggregateError.
  if (typeof given.code !== "string" && given.errors?.[0] !== undefined) return describe(given.errors[0]);
  return {
    name: typeof given.name === "string" ? given.name : "Error",
    code: typeof given.code === "string" ? given.code : "",
    status: typeof given.$metadata?.httpStatusCode === "number" ? given.$metadata.httpStatusCode : 0,
    message: typeof given.message === "string" ? given.message : "",
  };
}
