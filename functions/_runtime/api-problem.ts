// Decides how an error becomes an answer: which status, which words, which field and rule. Of an error that is not the
// project's own nothing is told but that there was one: its words may quote a value.

import { DefinitionError, InvalidInputError, NotFoundError, StewardError } from "@steward/core";
import type { z } from "zod";
import type { ApiResult } from "./api-event.ts";

export const PROBLEMS = {
  InvalidInputError: 400,
  UnauthorizedError: 401,
  ForbiddenError: 403,
  NotFoundError: 404,
  MethodNotAllowedError: 405,
  ConflictError: 409,
  PayloadTooLargeError: 413,
  UnsupportedMediaTypeError: 415,
  InternalError: 500,
  UnavailableError: 503,
} as const;
export type ProblemName = keyof typeof PROBLEMS;

/** Where the caller's mistake lies, and what would be right. */
export interface Place {
  readonly field?: string;
  readonly rule?: string;
}

/** What stands between a caller and the answer, in the terms of HTTP. */
export class RequestError extends Error {
  override readonly name: ProblemName;
  readonly place: Place;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    name: ProblemName,
    message: string,
    place: Place = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = name;
    this.place = place;
    this.headers = headers;
  }
}

/** How soon a store that did not answer is worth another try. */
const RETRY_AFTER_SECONDS = 2;

/** Errors of the project's own, by their name; any other is no word of ours. */
const BY_NAME: Readonly<Record<string, ProblemName>> = {
  InvalidInputError: "InvalidInputError",
  DefinitionError: "InvalidInputError",
  DataRejectedError: "ConflictError",
  NotFoundError: "NotFoundError",
  ConflictError: "ConflictError",
  LeaseHeldError: "ConflictError",
  LeaseLostError: "ConflictError",
  UnavailableError: "UnavailableError",
};

export function toProblem(error: unknown): RequestError {
  if (error instanceof RequestError) return error;
  const name = error instanceof StewardError ? BY_NAME[error.name] : undefined;
  if (!(error instanceof StewardError) || name === undefined)
    return new RequestError("InternalError", "something unexpected went wrong, and nothing more is told");
  if (error.details.field === "key")
    return new RequestError("ConflictError", error.message, {
      field: "Idempotency-Key",
      rule: "is of one request alone",
    });
  const headers: Readonly<Record<string, string>> =
    name === "UnavailableError" ? { "retry-after": String(RETRY_AFTER_SECONDS) } : {};
  return new RequestError(name, error.message, {}, headers);
}

export function toProblemResult(problem: RequestError, requestId: string): ApiResult {
  const { name, message, place, headers } = problem;
  return {
    statusCode: PROBLEMS[name],
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ error: { name, message, ...place, requestId } }),
  };
}

/** The first rule that the value breaks. The value itself is never repeated. */
export function toFieldError(error: z.ZodError, whole: string): RequestError {
  const issue = error.issues[0];
  const path = issue?.path.map(String) ?? [];
  if (issue?.code === "unrecognized_keys") {
    const field = [...path, issue.keys[0] ?? ""].join(".");
    const rule = "is not a field of this request";
    return new RequestError("InvalidInputError", `${field}: ${rule}`, { field, rule });
  }
  const field = path.length === 0 ? whole : path.join(".");
  const rule = issue?.message ?? "is not as it should be";
  return new RequestError("InvalidInputError", `${field}: ${rule}`, { field, rule });
}

/** Names the field where the work finds that what it was given cannot be done. */
export async function ofField<T>(field: string, rule: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StewardError && error.details.field !== undefined) throw error;
    if (error instanceof NotFoundError)
      throw new RequestError("NotFoundError", error.message, { field, rule });
    if (error instanceof InvalidInputError || error instanceof DefinitionError)
      throw new RequestError("InvalidInputError", error.message, { field, rule });
    throw error;
  }
}
