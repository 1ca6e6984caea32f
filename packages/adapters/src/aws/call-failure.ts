// Decides what an error of an AWS client asks of the caller, once for all services, by its name, code and status.
// Leaves the names that only one service has to its adapter. The service's own words are dropped: they may quote a record.

import {
  ConflictError,
  InvalidInputError,
  NotFoundError,
  StewardError,
  UnavailableError,
} from "@steward/core";

/** Nothing answered at this address: no call can have had an effect. */
const UNREACHABLE = new Set(["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH", "EAI_AGAIN"]);
/** The call may or may not have had its effect. The client itself calls a lost connection a TimeoutError. */
const INTERRUPTED = /^(ECONNRESET|EPIPE|ETIMEDOUT|TimeoutError|RequestTimeout|NetworkingError|AbortError)/;
const TRY_AGAIN =
  /Throttl|TooManyRequests|RequestLimitExceeded|ThroughputExceeded|ServiceUnavailable|InternalFailure|InternalServer|InternalError|SlowDown/i;
const ERROR_NAME = /^[A-Za-z][A-Za-z0-9.]{0,63}$/;

export interface FailureFacts {
  readonly name: string;
  readonly code: string;
  /** 0: none arrived. */
  readonly status: number;
  readonly message: string;
  /** How often the client tried; 1 where it does not say. */
  readonly attempts: number;
}

export type FailureKind = "unreachable" | "interrupted" | "throttled" | "refused";

/** The names by which one service says what others say otherwise. */
export interface FailureNames {
  readonly notFound?: ReadonlySet<string>;
  readonly conflict?: ReadonlySet<string>;
  readonly invalid?: ReadonlySet<string>;
  readonly unavailable?: ReadonlySet<string>;
}

const NOT_FOUND = new Set(["ResourceNotFoundException", "NotFoundException", "NotFound"]);

/** `unreachable`: no effect. `interrupted`: perhaps. `throttled`: try later. `refused`: the same call fails again. */
export function classifyCallFailure(error: unknown): FailureKind {
  const { name, code, status } = describeFailure(error);
  if (UNREACHABLE.has(code)) return "unreachable";
  const isAnswerLost = status >= 200 && status < 300;
  if (INTERRUPTED.test(code) || INTERRUPTED.test(name) || isAnswerLost) return "interrupted";
  if (isThrottleName(name) || status === 429 || status >= 500) return "throttled";
  return "refused";
}

/** Whether a name, or the code of one entry of a batch, asks for another try. */
export function isThrottleName(name: string): boolean {
  return TRY_AGAIN.test(name);
}

/**
 * The error to throw instead; `what` says what failed without any key or value ("the ledger could not be read").
 * An error that no family fits keeps its name, for a Catch to match, and loses its words; what no service sent passes as it is.
 */
export function toCallError(what: string, thrown: unknown, names: FailureNames = {}): unknown {
  if (thrown instanceof StewardError) return thrown;
  const { name, status } = describeFailure(thrown);
  const message = `${what}: ${ERROR_NAME.test(name) ? name : "Error"}`;
  if (names.notFound?.has(name) || NOT_FOUND.has(name)) return new NotFoundError(message);
  if (names.conflict?.has(name)) return new ConflictError(message);
  if (names.invalid?.has(name)) return new InvalidInputError(message);
  if (names.unavailable?.has(name) || classifyCallFailure(thrown) !== "refused")
    return new UnavailableError(message);
  if (status === 0) return thrown;
  return Object.assign(new Error(message), { name });
}

/** What can be read off an error of a client, whatever its class: unmodelled errors have none of their own. */
export function describeFailure(error: unknown): FailureFacts {
  const given = (typeof error === "object" && error !== null ? error : {}) as {
    name?: unknown;
    code?: unknown;
    message?: unknown;
    $metadata?: { httpStatusCode?: unknown; attempts?: unknown };
    errors?: readonly unknown[];
  };
  // Both families of addresses were refused: Node then gives one AggregateError.
  if (typeof given.code !== "string" && given.errors?.[0] !== undefined)
    return describeFailure(given.errors[0]);
  const { httpStatusCode, attempts } = given.$metadata ?? {};
  return {
    name: typeof given.name === "string" ? given.name : "Error",
    code: typeof given.code === "string" ? given.code : "",
    status: typeof httpStatusCode === "number" ? httpStatusCode : 0,
    message: typeof given.message === "string" ? given.message : "",
    attempts: typeof attempts === "number" ? attempts : 1,
  };
}
