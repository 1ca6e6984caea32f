// Decides what an error of the SDK means for the records of its call. By name, since unmodelled errors have no class.

/** Nothing answered at this address: no call can have had an effect. */
const UNREACHABLE = new Set(["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH", "EAI_AGAIN"]);
/** The call may or may not have had its effect; a write may be made again. */
const INTERRUPTED = /^(ECONNRESET|EPIPE|ETIMEDOUT|TimeoutError|RequestTimeout|NetworkingError|AbortError)/;
const TRY_AGAIN = /Throttl|TooManyRequests|ServiceUnavailable|InternalFailure|InternalServer|SlowDown/i;

export type CallFailure =
  | { readonly kind: "unreachable" }
  | { readonly kind: "throttled" }
  | { readonly kind: "refused"; readonly name: string };

export function classifyFailure(error: unknown): CallFailure {
  const { name, code, status } = describe(error);
  if (UNREACHABLE.has(code)) return { kind: "unreachable" };
  if (
    INTERRUPTED.test(code) ||
    INTERRUPTED.test(name) ||
    TRY_AGAIN.test(name) ||
    status === 429 ||
    status >= 500
  )
    return { kind: "throttled" };
  return { kind: "refused", name };
}

/** Whether the code of one entry of a batch asks for another try. */
export function isThrottleCode(code: string): boolean {
  return TRY_AGAIN.test(code);
}

/** Feature Store's 400 for a group that it does not know, or not yet (sagemaker-python-sdk issue 2606). */
export function isGroupMissing(error: unknown): boolean {
  const { name, message } = describe(error);
  return (
    name === "ResourceNotFound" ||
    name === "ResourceNotFoundException" ||
    (name.startsWith("Validation") && message.startsWith("Resource Not Found"))
  );
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
