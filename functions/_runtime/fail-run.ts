// Decides how the state "Fail run" of every workflow reads what went wrong, and that no foreign words get into the run.

import { type Failure, type Ports, plainFailureOf, type RunRef } from "@steward/core";
import { z } from "zod";
import { runRef, type TaskHandler, task } from "./task.ts";

const input = runRef.extend({ error: z.object({ Error: z.string(), Cause: z.string().default("") }) });
const lambdaCause = z.object({ errorMessage: z.string() });

export function failRunTask(
  fail: (ports: Ports, ref: RunRef, failure: Failure) => Promise<unknown>,
): TaskHandler {
  return task("fail-run", input, (ports, { error, ...ref }) =>
    fail(ports, ref, toFailure(error.Error, error.Cause)),
  );
}

/** Lambda gives the cause as JSON; what Glue and the state machine itself give may quote anything. */
function toFailure(name: string, cause: string): Failure {
  return plainFailureOf(name, messageOf(cause));
}

function messageOf(cause: string): string {
  try {
    return lambdaCause.parse(JSON.parse(cause)).errorMessage;
  } catch {
    return cause === "" ? "the step gave no reason" : cause;
  }
}
