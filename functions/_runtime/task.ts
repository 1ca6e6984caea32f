// Decides what every task handler of a state machine has in common: its input is parsed, its end is logged, and no
// foreign words leave it: Lambda would keep them in its log, and Step Functions in the history of the execution.

import middy from "@middy/core";
import {
  type ControlPorts,
  InvalidInputError,
  type Ports,
  StewardError,
  toErrorName,
  toPlainFailure,
} from "@steward/core";
import { z } from "zod";
import { currentControl, currentScope } from "./scope.ts";

/** What each step of a run is called with; everything else is found from it. */
export const runRef = z.object({ runId: z.string(), attempt: z.number() });

export type TaskHandler = (event: unknown, context: object) => Promise<unknown>;

/** A Lambda handler around a step of core. Unknown keys of the input are dropped; a missing one names its field. */
export function task<S extends z.ZodType>(
  name: string,
  schema: S,
  step: (ports: Ports, input: z.infer<S>) => Promise<unknown>,
): TaskHandler {
  const handler = middy()
    .use({
      before: (request) => {
        request.event = parse(name, schema, request.event);
      },
      // In braces: what a hook returns would stand in for the step's own answer.
      after: () => {
        currentScope().log({ level: "info", message: "step done", step: name });
      },
      onError: (request) => {
        currentScope().log({
          level: "error",
          message: "step failed",
          step: name,
          error: toErrorName(request.error?.name),
        });
        request.error = withoutForeignWords(request.error);
      },
    })
    .handler(async (event) => step(currentScope().ports, event as z.infer<S>));
  return handler as unknown as TaskHandler; // middy's own type names AWS's event and context types
}

/** A handler whose step starts, ends or continues runs. */
export function controlTask<S extends z.ZodType>(
  name: string,
  schema: S,
  step: (ports: ControlPorts, input: z.infer<S>) => Promise<unknown>,
): TaskHandler {
  return task(name, schema, (_, input) => step(currentControl(), input));
}

/** One of Steward's own as it is, any other as its name, without what it said, caused it or stood in its fields. */
export function withoutForeignWords(error: unknown): Error {
  if (error instanceof StewardError) return error;
  const { name, message } = toPlainFailure(error);
  return Object.assign(new Error(message), { name });
}

function parse<S extends z.ZodType>(name: string, schema: S, event: unknown): z.infer<S> {
  const parsed = schema.safeParse(event);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new InvalidInputError(`${name}: ${issue?.path.join(".") || "input"}: ${issue?.message}`);
}
