// Runs of Glue jobs, on MiniStack: its runs succeed at once, without running, it lets any number run, lists them oldest first,
// on one page, and has no bookmarks. For a run that goes on, a job that is busy, pages and bookmarks the client is answered by the test, in the
// shapes of https://docs.aws.amazon.com/glue/latest/webapi/Welcome.html.

import { CreateJobCommand, type GlueClient, StartJobRunCommand } from "@aws-sdk/client-glue";
import { createGlueClient, GlueJobRuns, type GlueWork } from "@steward/adapters/aws";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { batchStep } from "../../../workflows/steps.ts";
import { AWS_OPTIONS, awsOptions, uniqueName } from "../../support/aws-resources.ts";
import { DrivenTimer } from "../../support/durable-stores.ts";
import { type MiniStack, startMiniStack } from "../../support/ministack.ts";

const aWork = (given: Partial<GlueWork> = {}): GlueWork => ({
  runId: "run-1",
  attempt: 1,
  step: "append",
  ...given,
});
const argumentsOf = ({ runId, attempt, step }: GlueWork) => ({
  "--run_id": runId,
  "--attempt": `${attempt}`,
  "--step": step,
});

let ministack: MiniStack;
let client: GlueClient;
let jobs: GlueJobRuns;
let jobName: string;

beforeAll(async () => {
  ministack = await startMiniStack();
}, 300_000);
afterAll(() => ministack.stop());
beforeEach(async () => {
  client = createGlueClient(awsOptions(ministack.url));
  jobs = new GlueJobRuns({ client, timer: new DrivenTimer() });
  jobName = uniqueName("job");
  await client.send(
    new CreateJobCommand({
      Name: jobName,
      Role: "arn:aws:iam::123456789012:role/glue",
      Command: { Name: "glueetl", ScriptLocation: "s3://scripts/steward_job.py" },
    }),
  );
});

type Answer = (command: string, input: Readonly<Record<string, unknown>>) => object | undefined;

/** Answers some calls in place of the service: with an object, or by throwing; undefined: the service answers. */
function answerInstead(given: GlueClient, answer: Answer): void {
  given.middlewareStack.add(
    (next, context) => async (args) => {
      const input = args.input as Readonly<Record<string, unknown>>;
      const output = answer(context.commandName ?? "", input);
      return output === undefined
        ? next(args)
        : { output: { $metadata: {}, ...output }, response: undefined };
    },
    { step: "initialize" },
  );
}

/** Lets the service do what a command asks and loses its answer, below the client's own tries; how often that was. */
function loseAnswers(given: GlueClient, command: string): () => number {
  let lost = 0;
  given.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      if (context.commandName !== command) return result;
      lost += 1;
      throw Object.assign(new Error("socket hang up"), { name: "TimeoutError", code: "ECONNRESET" });
    },
    { step: "deserialize" },
  );
  return () => lost;
}

function failure(name: string, status = 400): Error {
  return Object.assign(new Error("words of the service"), { name, $metadata: { httpStatusCode: status } });
}

describe("GlueJobRuns", () => {
  it("starts a run once for equal work, and another for other work", async () => {
    const first = await jobs.start(jobName, aWork());
    const again = await jobs.start(jobName, aWork());
    const others = [
      await jobs.start(jobName, aWork({ step: "compute" })),
      await jobs.start(jobName, aWork({ attempt: 2 })),
      await jobs.start(jobName, aWork({ runId: "run-2" })),
    ];

    expect(again).toEqual({ glueRunId: first.glueRunId, state: "succeeded" });
    expect(new Set([first, ...others].map(({ glueRunId }) => glueRunId)).size).toBe(4);
  });

  it("finds a run that the workflow started: both name the work alike", async () => {
    expect(batchStep("any", jobName, "append", "Next").Parameters).toMatchObject({
      Arguments: {
        "--run_id.$": "$.runId",
        "--attempt.$": "States.Format('{}', $.attempt)",
        "--step": "append",
      },
    });

    const Arguments = { ...argumentsOf(aWork()), "--job-bookmark-option": "job-bookmark-disable" };
    const { JobRunId } = await client.send(new StartJobRunCommand({ JobName: jobName, Arguments }));

    expect(await jobs.find(jobName, aWork())).toEqual({ glueRunId: JobRunId, state: "succeeded" });
    expect(await jobs.find(jobName, aWork({ attempt: 2 }))).toBeUndefined();
  });

  it("starts no second run where the answer to the first was lost", async () => {
    const starts = loseAnswers(client, "StartJobRunCommand");

    const run = await jobs.start(jobName, aWork());

    expect(run).toEqual(await jobs.find(jobName, aWork()));
    expect(starts()).toBe(1);
  });

  it("starts another where the run of the work failed or was stopped, and none where one goes on", async () => {
    const states = { jr_1: "FAILED", jr_2: "STOPPED", jr_3: "TIMEOUT", jr_4: "EXPIRED" };
    const listed = (extra: object = {}) =>
      Object.entries({ ...states, ...extra }).map(([Id, JobRunState], index) => ({
        Id,
        JobRunState,
        StartedOn: new Date(index),
        Arguments: argumentsOf(aWork()),
      }));
    let runs = listed();
    answerInstead(client, (command) => (command === "GetJobRunsCommand" ? { JobRuns: runs } : undefined));
    const another = await jobs.start(jobName, aWork());
    expect(another.glueRunId).not.toMatch(/^jr_/);

    for (const state of ["STARTING", "RUNNING", "STOPPING", "WAITING"]) {
      runs = listed({ jr_5: state });
      expect(await jobs.start(jobName, aWork())).toEqual({ glueRunId: "jr_5", state: "underWay" });
    }
  });

  it("takes the run of whoever was faster, and says when the job is busy with other work", async () => {
    let isListed = false;
    answerInstead(client, (command) => {
      if (command === "StartJobRunCommand") {
        isListed = true;
        throw failure("ConcurrentRunsExceededException");
      }
      const theirs = { Id: "jr_theirs", JobRunState: "RUNNING", Arguments: argumentsOf(aWork()) };
      return command === "GetJobRunsCommand" ? { JobRuns: isListed ? [theirs] : [] } : undefined;
    });

    expect(await jobs.start(jobName, aWork())).toEqual({ glueRunId: "jr_theirs", state: "underWay" });
    await expect(jobs.start(jobName, aWork({ step: "compute" }))).rejects.toMatchObject({
      name: "ConflictError",
    });
  });

  it("looks through the pages of the runs, a thousand at most", async () => {
    let pages = 0;
    answerInstead(client, (command, { MaxResults, NextToken }) => {
      if (command !== "GetJobRunsCommand") return undefined;
      expect([MaxResults, NextToken]).toEqual([200, pages === 0 ? undefined : `page ${pages}`]);
      pages += 1;
      const run = { Id: `jr_${pages}`, JobRunState: "SUCCEEDED", StartedOn: new Date(-pages) };
      return {
        JobRuns: [{ ...run, Arguments: argumentsOf(aWork({ attempt: pages })) }],
        NextToken: `page ${pages}`,
      };
    });

    expect(await jobs.find(jobName, aWork({ attempt: 3 }))).toMatchObject({ glueRunId: "jr_3" });
    expect(pages).toBe(5);
  });

  it("waits for the end of a run, over a time in which Glue does not answer, to a deadline", async () => {
    const answers = ["RUNNING", "unavailable", "STOPPING", "STOPPED"];
    answerInstead(client, (command) => {
      if (command !== "GetJobRunCommand") return undefined;
      const JobRunState = answers.length > 1 ? answers.shift() : answers[0];
      if (JobRunState === "unavailable") throw failure("InternalServiceException", 500);
      return { JobRun: { Id: "jr_1", JobRunState } };
    });
    const timer = new DrivenTimer();
    const patient = new GlueJobRuns({ client, timer });
    const startMs = timer.nowMs();

    expect(await patient.awaitEnd(jobName, "jr_1", startMs + 45_000)).toBeUndefined();
    expect(await patient.awaitEnd(jobName, "jr_1", startMs + 600_000)).toEqual({
      glueRunId: "jr_1",
      state: "stopped",
    });
    expect(timer.nowMs() - startMs).toBeLessThanOrEqual(105_000);
  });

  it("stops a run, and has nothing to do for one that has ended", async () => {
    const ended = await jobs.start(jobName, aWork());
    await jobs.stop(jobName, ended.glueRunId);

    const asked: unknown[] = [];
    answerInstead(client, (command, input) => {
      if (command !== "BatchStopJobRunCommand") return undefined;
      asked.push(input);
      return { SuccessfulSubmissions: [{ JobName: jobName, JobRunId: "jr_1" }], Errors: [] };
    });
    await jobs.stop(jobName, "jr_1");

    expect(asked).toEqual([{ JobName: jobName, JobRunIds: ["jr_1"] }]);
  });

  it("says that a run goes on which Glue does not stop, and that there is no such run", async () => {
    await expect(jobs.stop(jobName, "jr_absent")).rejects.toMatchObject({ name: "NotFoundError" });

    answerInstead(client, (command) => {
      if (command === "GetJobRunCommand") return { JobRun: { Id: "jr_1", JobRunState: "RUNNING" } };
      const ErrorDetail = { ErrorCode: "InvalidInputException", ErrorMessage: "words of the service" };
      return command === "BatchStopJobRunCommand"
        ? { Errors: [{ JobName: jobName, JobRunId: "jr_1", ErrorDetail }] }
        : undefined;
    });

    await expect(jobs.stop(jobName, "jr_1")).rejects.toMatchObject({
      name: "InvalidInputError",
      message: "a job's run could not be stopped: InvalidInputException",
    });
  });

  it("resets a bookmark, whole or to where a run left it", async () => {
    const asked: unknown[] = [];
    answerInstead(client, (command, input) => {
      if (command !== "ResetJobBookmarkCommand") return undefined;
      asked.push(input);
      if (input.RunId === "jr_absent") throw failure("EntityNotFoundException");
      return { JobBookmarkEntry: { JobName: jobName, Version: 0, Run: 0, Attempt: 0 } };
    });

    await jobs.resetBookmark(jobName);
    await jobs.resetBookmark(jobName, "jr_1");

    expect(asked).toEqual([{ JobName: jobName }, { JobName: jobName, RunId: "jr_1" }]);
    await expect(jobs.resetBookmark(jobName, "jr_absent")).rejects.toMatchObject({ name: "NotFoundError" });
  });

  it.each([
    ["EntityNotFoundException", 400, "NotFoundError"],
    ["InvalidInputException", 400, "InvalidInputError"],
    ["OperationTimeoutException", 400, "UnavailableError"],
    ["InternalServiceException", 500, "UnavailableError"],
    ["ThrottlingException", 400, "UnavailableError"],
    ["ResourceNumberLimitExceededException", 400, "ResourceNumberLimitExceededException"],
  ])("gives %s a name that says what to do, without the service's words", async (name, status, expected) => {
    answerInstead(client, (command) => {
      if (command === "StartJobRunCommand") throw failure(name, status);
      return undefined;
    });

    await expect(jobs.start(jobName, aWork())).rejects.toMatchObject({
      name: expected,
      message: `a job could not be started: ${name}`,
    });
  });

  it("says that there is no such job, and that Glue does not answer", async () => {
    const nowhere = createGlueClient({ ...AWS_OPTIONS, endpoint: "http://127.0.0.1:9" });

    await expect(jobs.start("absent", aWork())).rejects.toMatchObject({ name: "NotFoundError" });
    await expect(
      new GlueJobRuns({ client: nowhere, timer: new DrivenTimer() }).get(jobName, "jr_1"),
    ).rejects.toMatchObject({ name: "UnavailableError" });
  });
});
