// Decides what a run says of the batch job that failed it: the name and the words that the job itself said last. Step Functions
// tells only that Glue's run has failed, and gives it as the cause; in there Glue puts the exception of the script.

import { z } from "zod";
import type { TaskHandler } from "../_runtime/task.ts";

const taskFailed = z.looseObject({
  error: z.object({ Error: z.literal("States.TaskFailed"), Cause: z.string() }),
});
const jobRun = z.object({ ErrorMessage: z.string() });
const lastSaid = z.object({ error: z.string(), text: z.string() });
/** A line of as-job.ts, as glue/run_batch.py ends with it; Glue puts words of its own before. */
const SAID = /the batch job failed: (\{.*\})/s;

/** The state "Fail run", told of a job's failure as of a function's. Every other failure comes to it as it is. */
export function namingJobFailure(failRun: TaskHandler): TaskHandler {
  return (event, context) => failRun(withItsWords(event), context);
}

function withItsWords(event: unknown): unknown {
  const failed = taskFailed.safeParse(event);
  if (!failed.success) return event;
  const run = jobRun.safeParse(parse(failed.data.error.Cause));
  const said = lastSaid.safeParse(parse(SAID.exec(run.data?.ErrorMessage ?? "")?.[1] ?? ""));
  if (!said.success) return event;
  const { error: name, text } = said.data;
  return { ...failed.data, error: { Error: name, Cause: JSON.stringify({ errorMessage: text }) } };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
