// Decides what the end of a run of the interpreter means in the words of Step Functions.
// Leaves keeping it to the ledger.

import { type Json, toPlainFailure } from "@steward/core";
import { plainCause, TaskFailure, toPayload } from "./task-call.ts";

export type RunOutcome =
  | { readonly status: "succeeded"; readonly output: Json }
  | { readonly status: "failed" | "timedOut"; readonly error: string; readonly cause: string };

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html (cause), read 2026-11-24. */
const CAUSE_LIMIT_CHARACTERS = 32_768;

/** Never rejects. `failCauses`: what the Fail states of the machine say, word for word. */
export async function outcomeOf(
  result: Promise<unknown>,
  failCauses: ReadonlySet<string>,
): Promise<RunOutcome> {
  try {
    return { status: "succeeded", output: toPayload("the output of the execution", (await result) as Json) };
  } catch (error) {
    return failureOf(error, failCauses);
  }
}

/** From what the interpreter throws: its own error around that of the state, or one about the whole execution. */
export function failureOf(thrown: unknown, failCauses: ReadonlySet<string>): RunOutcome {
  const error = thrown instanceof Error ? thrown : new Error("the state machine threw no Error");
  if (error.name === "ExecutionTimeoutError") {
    return { status: "timedOut", error: "States.Timeout", cause: error.message };
  }
  const inner = error.name === "ExecutionError" && error.cause instanceof Error ? error.cause : error;
  const { name, message } = innerFailure(inner, failCauses);
  return { status: "failed", error: name, cause: message.slice(0, CAUSE_LIMIT_CHARACTERS) };
}

/** The interpreter quotes values where a path does not fit them: of its own errors the name alone is kept. */
function innerFailure(
  inner: Error,
  failCauses: ReadonlySet<string>,
): { readonly name: string; readonly message: string } {
  if (inner instanceof TaskFailure) return { name: inner.name, message: plainCause(inner.message) };
  return failCauses.has(inner.message) ? inner : toPlainFailure(inner);
}
