// Decides what an error of the SDK means: by its name and codes, since unmodelled errors have no class of their own.
// Leaves what follows from it to each operation. Messages of the SDK are dropped: they may quote a record.

import { InvalidInputError, NotFoundError, StewardError, UnavailableError } from "@steward/core";
import { classifyCallFailure, describeFailure } from "../aws/call-failure.ts";

export type CallFailure =
  | { readonly kind: "unreachable" }
  | { readonly kind: "throttled" }
  | { readonly kind: "refused"; readonly name: string };

export function classifyFailure(error: unknown): CallFailure {
  const kind = classifyCallFailure(error);
  if (kind === "refused") return { kind, name: describeFailure(error).name };
  return { kind: kind === "interrupted" ? "throttled" : kind };
}

/** Feature Store's answer for a group that it does not know, or not yet: a 400 of some operations (sagemaker-python-sdk issue 2606), a 404 of others. */
export function isGroupMissing(error: unknown): boolean {
  const { name, message } = describeFailure(error);
  return (
    name === "ResourceNotFound" ||
    name === "ResourceNotFoundException" ||
    (isValidation(error) && message.startsWith("Resource Not Found"))
  );
}

/** Documents say ValidationException, the runtime's model ValidationError. */
export function isValidation(error: unknown): boolean {
  return describeFailure(error).name.startsWith("Validation");
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
