// How a run is told of the batch job that failed it.

import { namingJobFailure } from "@steward/functions/_account/job-failure.ts";
import { expect, it } from "vitest";

const REF = { runId: "run-1", attempt: 1 };

/** What the state "Fail run" is called with. */
async function toldOf(error: object): Promise<unknown> {
  let told: unknown;
  const failRun = namingJobFailure(async (event) => {
    told = event;
  });
  await failRun({ ...REF, error }, {});
  return told;
}

/** As `glue:startJobRun.sync` fails. */
function jobFailed(ErrorMessage: string) {
  const run = { JobName: "steward-refresh", JobRunState: "FAILED", ErrorMessage };
  return { Error: "States.TaskFailed", Cause: JSON.stringify(run) };
}

const SAID =
  '{"level":"error","message":"batch job failed","tries":1,"error":"DataRejectedError","text":"compute: {a} does not fit"}';

it("gives a job's failure the name and the words that the job said last, as a function's would have them", async () => {
  const glue =
    "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 99; RuntimeError: the batch job failed: ";

  const told = await toldOf(jobFailed(glue + SAID));

  const Cause = JSON.stringify({ errorMessage: "compute: {a} does not fit" });
  expect(told).toEqual({ ...REF, error: { Error: "DataRejectedError", Cause } });
});

it.each([
  ["a function's failure", { Error: "DataRejectedError", Cause: '{"errorMessage":"7 of 10 rows"}' }],
  ["a job that said nothing of its failure", jobFailed("RuntimeError: the batch job failed: ")],
  ["a job whose last words are cut", jobFailed(`RuntimeError: the batch job failed: ${SAID.slice(0, 60)}`)],
  ["a job that Glue ended itself", jobFailed("Command failed with exit code 10")],
  ["a failure without a cause", { Error: "States.TaskFailed", Cause: "" }],
  ["a failure of another kind", { Error: "States.Timeout" }],
])("leaves %s as it is", async (_, error) => {
  expect(await toldOf(error)).toEqual({ ...REF, error });
});
