// Decides how a task is called: as Step Functions would call a Lambda function, JSON on both ways, bounded, errors by name.
// Leaves retries, catches and time-outs to the interpreter.

import { type Json, toPlainFailure } from "@steward/core";

export type Task = (input: Json) => Promise<Json>;

/** Of every input and output of a task, state or execution:
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html, read 2026-11-24. */
export const PAYLOAD_LIMIT_BYTES = 256 * 1_024;
/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html (cause), read 2026-11-24. */
const CAUSE_LIMIT_CHARACTERS = 32_768;

/** What the interpreter sees when a task fails: it matches `name`, and puts `message` into the Cause of a Catch. */
export class TaskFailure extends Error {
  override readonly name: string;
  /** The interpreter asks these two before it consults Retry and Catch. */
  readonly isRetryable: boolean;
  readonly isCatchable: boolean;

  constructor(
    name: string,
    message: string,
    options: { readonly terminal: boolean; readonly cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.name = name;
    this.isRetryable = !options.terminal;
    this.isCatchable = !options.terminal;
  }
}

/** The result of the task as the state machine receives it. @throws TaskFailure alone. */
export async function callTask(stateName: string, task: Task, input: Json): Promise<Json> {
  const received = toPayload(`the input of task ${stateName}`, input);
  let result: Json;
  let text: string;
  try {
    result = await task(received);
    text = toText(result);
  } catch (error) {
    throw toTaskFailure(stateName, error);
  }
  checkSize(`the result of task ${stateName}`, text);
  return JSON.parse(text) as Json;
}

/** The value after a JSON round trip. @throws TaskFailure `States.DataLimitExceeded` above 256 KiB. */
export function toPayload(what: string, value: Json): Json {
  const text = toText(value);
  checkSize(what, text);
  return JSON.parse(text) as Json;
}

/** The message of a Lambda error, out of the JSON that Step Functions keeps as its cause; any other cause as it is. */
export function plainCause(cause: string): string {
  try {
    const parsed: unknown = JSON.parse(cause);
    if (parsed !== null && typeof parsed === "object" && "errorMessage" in parsed) {
      return String(parsed.errorMessage);
    }
  } catch {
    // Not JSON: plain already.
  }
  return cause;
}

/** As the Lambda runtime does, nothing at all becomes null. */
function toText(value: Json): string {
  return JSON.stringify(value) ?? "null";
}

/** Step Functions lets neither Retry nor Catch, `States.ALL` included, see this error. */
function checkSize(what: string, text: string): void {
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes <= PAYLOAD_LIMIT_BYTES) return;
  const rule = `${what} is ${sizeBytes} bytes, above the ${PAYLOAD_LIMIT_BYTES} that a payload may have`;
  throw new TaskFailure("States.DataLimitExceeded", rule, { terminal: true });
}

/** Cause and name are kept with the execution: the words of a foreign error may not be. */
function toTaskFailure(stateName: string, thrown: unknown): TaskFailure {
  const { name, message } =
    thrown instanceof Error
      ? toPlainFailure(thrown)
      : {
          name: "Error",
          message: `task ${stateName} threw a value of type ${typeof thrown}, not an Error`,
        };
  const cause = JSON.stringify({ errorType: name, errorMessage: message.slice(0, CAUSE_LIMIT_CHARACTERS) });
  return new TaskFailure(name, cause, { terminal: false, cause: thrown });
}
