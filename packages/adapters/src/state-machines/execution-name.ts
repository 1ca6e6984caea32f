// Decides which names an execution may have, here and on Step Functions alike.
// Leaves it to the caller to choose one that is its own.

import { InvalidInputError } from "@steward/core";

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html (name), read 2026-11-24:
 * 1 to 80 characters; of those allowed, the ones that CloudWatch Logs takes too. */
const EXECUTION_NAME = /^[A-Za-z0-9_-]{1,80}$/;

export function isExecutionName(name: string): boolean {
  return EXECUTION_NAME.test(name);
}

/** @throws InvalidInputError */
export function checkExecutionName(name: string): void {
  if (isExecutionName(name)) return;
  throw new InvalidInputError("the name of an execution must be 1 to 80 letters, digits, - or _");
}
