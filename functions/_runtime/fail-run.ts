// Decides how the state "Fail run" of every workflow reads what went wrong.

import type { Failure, Ports, RunRef } from "@steward/core";
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

/** Lambda gives the cause as JSON; the state machine's own errors give plain text. */
function toFailure(name: string, cause: string): Failure {
  try {
    return { name, message: lambdaCause.parse(JSON.parse(cause)).errorMessage };
  } catch {
    return { name, message: cause === "" ? "the step gave no reason" : cause };
  }
}
