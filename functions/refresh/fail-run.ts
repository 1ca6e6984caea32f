// The state "Fail run" of the refresh: whatever went wrong, nothing stays half done.

import { type Failure, failRefresh } from "@steward/core";
import { z } from "zod";
import { runRef, task } from "../_runtime/task.ts";

const input = runRef.extend({ error: z.object({ Error: z.string(), Cause: z.string().default("") }) });
const lambdaCause = z.object({ errorMessage: z.string() });

export const handler = task("fail-run", input, (ports, { error, ...ref }) =>
  failRefresh(ports, ref, toFailure(error.Error, error.Cause)),
);

/** Lambda gives the cause as JSON; the state machine's own errors give plain text. */
function toFailure(name: string, cause: string): Failure {
  try {
    return { name, message: lambdaCause.parse(JSON.parse(cause)).errorMessage };
  } catch {
    return { name, message: cause === "" ? "the step gave no reason" : cause };
  }
}
