// Decides which row follows which in the life of an execution: pure, each from the newest row in the ledger.
// Leaves writing them, and who may, to LocalExecution and InterpreterStateMachines.

import { isDeepStrictEqual } from "node:util";
import type { Json } from "@steward/core";
import type { ExecutionRow, Holder } from "./execution-rows.ts";
import type { RunOutcome } from "./run-outcome.ts";
import { TaskFailure, toPayload } from "./task-call.ts";

/** For both inputs that a row holds, within the 400 KB that an item of the ledger may have. */
const ROW_INPUTS_LIMIT_BYTES = 350 * 1_024;

export function toStarted(state: string, input: Json, holder: Holder): ExecutionRow {
  return {
    status: "running",
    input,
    state,
    stateInput: null,
    output: null,
    error: null,
    cause: null,
    holder,
    attempt: 1,
    stopRequest: null,
  };
}

/** The aborted row instead, where another process has asked for that. @throws TaskFailure `States.DataLimitExceeded` */
export function toEntered(row: ExecutionRow, state: string, input: Json): ExecutionRow {
  if (row.stopRequest !== null) return toAborted(row, row.stopRequest);
  const value = toPayload(`the input of state ${state}`, input);
  if (isDeepStrictEqual(value, row.input)) return { ...row, state, stateInput: null };
  if (sizeBytes(row.input) + sizeBytes(value) > ROW_INPUTS_LIMIT_BYTES) {
    const rule = `the inputs of the execution and of state ${state} exceed ${ROW_INPUTS_LIMIT_BYTES} bytes together`;
    throw new TaskFailure("States.DataLimitExceeded", rule, { terminal: true });
  }
  return { ...row, state, stateInput: { value } };
}

export function toEnded(row: ExecutionRow, outcome: RunOutcome): ExecutionRow {
  const ended = { ...row, status: outcome.status, holder: null, stopRequest: null };
  if (outcome.status === "succeeded") return { ...ended, output: outcome.output, stateInput: null };
  return { ...ended, error: outcome.error, cause: outcome.cause };
}

export function toAborted(row: ExecutionRow, reason: string): ExecutionRow {
  return { ...row, status: "aborted", cause: reason, holder: null, stopRequest: null };
}

/** The next attempt, at the state that the last one stood in; undefined where there is nothing to continue:
 * it has succeeded, or somebody who lives is running it. */
export function toResumed(
  row: ExecutionRow,
  holder: Holder,
  isHeld: (holder: Holder) => boolean,
): ExecutionRow | undefined {
  if (row.status === "succeeded") return undefined;
  if (row.status === "running" && row.holder !== null && isHeld(row.holder)) return undefined;
  const attempt = row.attempt + 1;
  return { ...row, status: "running", error: null, cause: null, holder, attempt, stopRequest: null };
}

/** The input that the current state is to run with, again. */
export function stateInputOf(row: ExecutionRow): Json {
  return row.stateInput === null ? row.input : row.stateInput.value;
}

function sizeBytes(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}
