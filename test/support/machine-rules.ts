// What holds for every state machine here, as questions to its definition: where a state leads, what can be reached, which
// names a task may try again on.

import { createRequire } from "node:module";
import * as core from "@steward/core";
import type { State, StateMachine, TaskState } from "@steward/workflows/asl.ts";

/** Faults that the services themselves name: Lambda's "Handling transient errors" in the Step Functions guide, errors of its call Invoke
 * that pass, Glue's StartJobRun. */
const SERVICE_ERRORS = new Set([
  "Lambda.ServiceException",
  "Lambda.AWSLambdaException",
  "Lambda.SdkClientException",
  "Lambda.ClientExecutionTimeoutException",
  "Lambda.CodeArtifactUserPendingException",
  "Lambda.ENINotReadyException",
  "Lambda.ResourceNotReadyException",
  "Lambda.TooManyRequestsException",
  "Glue.ConcurrentRunsExceededException",
  "Glue.InternalServiceException",
]);

export interface Validation {
  readonly isValid: boolean;
  errorsText(): string;
}

/** asl-validator is a CommonJS function without types of its own, and writes into what it is given. */
export function validate(definition: unknown): Validation {
  return (createRequire(import.meta.url)("asl-validator") as (given: unknown) => Validation)(
    structuredClone(definition),
  );
}

export function tasksOf(machine: StateMachine): readonly (readonly [string, TaskState])[] {
  return Object.entries(machine.States).filter(
    (entry): entry is [string, TaskState] => entry[1].Type === "Task",
  );
}

/** The states that may come next. */
export function nextOf(state: State): readonly string[] {
  switch (state.Type) {
    case "Task":
      return [state.Next, ...(state.Catch ?? []).map(({ Next }) => Next)];
    case "Choice":
      return [state.Default, ...state.Choices.map(({ Next }) => Next)];
    case "Wait":
      return [state.Next];
    case "Succeed":
    case "Fail":
      return [];
  }
}

/** The state itself and all that can come after it, on ways around the states `without`. */
export function reachableFrom(
  machine: StateMachine,
  start: string,
  without: readonly string[] = [],
): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [start];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name) || without.includes(name)) continue;
    reached.add(name);
    const state = machine.States[name];
    if (state !== undefined) open.push(...nextOf(state));
  }
  return reached;
}

/** Edges to states that do not exist, as `from → to`. */
export function danglingEdges(machine: StateMachine): readonly string[] {
  return Object.entries(machine.States).flatMap(([name, state]) =>
    nextOf(state)
      .filter((next) => !(next in machine.States))
      .map((next) => `${name} → ${next}`),
  );
}

/** Names that a task tries again on although neither core nor AWS throws them, or they do not pass by themselves. */
export function unfoundedRetries(task: TaskState): readonly string[] {
  const known = errorsOfCore();
  return task.Retry.flatMap(({ ErrorEquals }) => ErrorEquals).filter(
    (name) => known.get(name) !== true && !SERVICE_ERRORS.has(name),
  );
}

/** Name → whether the same call may succeed later, of every error that core exports. */
export function errorsOfCore(): ReadonlyMap<string, boolean> {
  const errors = new Map<string, boolean>();
  for (const [exported, value] of Object.entries(core)) {
    if (!exported.endsWith("Error") || exported === "StewardError") continue;
    const error = new (value as new (message: string) => core.StewardError)("");
    if (error.name !== exported) throw new Error(`${exported} calls itself ${error.name}`);
    errors.set(error.name, error.retryable);
  }
  return errors;
}
