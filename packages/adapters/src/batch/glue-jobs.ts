// Decides how somebody outside the workflows looks after Glue's runs: start, find, see, stop, and rewind a bookmark.
// The workflows start theirs through Step Functions; both name the work by the same arguments, so each finds the other's.

import {
  BatchStopJobRunCommand,
  type BatchStopJobRunError,
  GetJobRunCommand,
  GetJobRunsCommand,
  GlueClient,
  type JobRun,
  ResetJobBookmarkCommand,
  StartJobRunCommand,
} from "@aws-sdk/client-glue";
import { ConflictError, type Timer, UnavailableError } from "@steward/core";
import { describeFailure, toCallError } from "../aws/call-failure.ts";
import { type AwsClientOptions, BRIEF_CALLS, clientSettings } from "../aws/client-settings.ts";

/** What a run of the job is to do: equal work is one run. */
export interface GlueWork {
  readonly runId: string;
  readonly attempt: number;
  readonly step: string;
}

export interface GlueRun {
  readonly glueRunId: string;
  /** `failed`: by error, by time-out, or never begun. */
  readonly state: "underWay" | "succeeded" | "failed" | "stopped";
}

export interface GlueJobs {
  /**
   * The run of this work that is under way or succeeded, else a new one. StartJobRun has no client token, so it looks before,
   * and again after a start whose answer was lost. Two that look at the same moment both start: then Glue refuses the second,
   * as the job allows one run at a time, and a second that came after the first had ended finds its work done.
   * @throws NotFoundError without the job; ConflictError while it is busy with other work; UnavailableError, after which the same call may be made.
   */
  start(jobName: string, work: GlueWork): Promise<GlueRun>;
  /** The newest run of this work among the job's last thousand. */
  find(jobName: string, work: GlueWork): Promise<GlueRun | undefined>;
  /** @throws NotFoundError, UnavailableError */
  get(jobName: string, glueRunId: string): Promise<GlueRun>;
  /** The run as it ended; undefined: it had not by then. Looks twice a minute, and on while Glue does not answer. */
  awaitEnd(jobName: string, glueRunId: string, deadlineMs: number): Promise<GlueRun | undefined>;
  /** Asks Glue to stop it, which takes a while; nothing for a run that has ended. @throws NotFoundError, UnavailableError */
  stop(jobName: string, glueRunId: string): Promise<void>;
  /** Forgets what the job's bookmark holds, or goes back to where it stood after a run. @throws NotFoundError without a bookmark */
  resetBookmark(jobName: string, glueRunId?: string): Promise<void>;
}

/** https://docs.aws.amazon.com/glue/latest/webapi/API_GetJobRuns.html, read 2026-11-25. */
const RUNS_A_PAGE = 200;
const MAX_PAGES = 5;
const LOOK_EVERY_MS = 30_000;

const STATES: Readonly<Record<string, GlueRun["state"]>> = {
  SUCCEEDED: "succeeded",
  STOPPED: "stopped",
  FAILED: "failed",
  TIMEOUT: "failed",
  ERROR: "failed",
  EXPIRED: "failed",
};
const NAMES = {
  notFound: new Set(["EntityNotFoundException"]),
  invalid: new Set(["InvalidInputException"]),
  conflict: new Set(["ConcurrentRunsExceededException"]),
};

/** One try a call: the client's own second try of a start whose answer was lost would be a second run. */
export function createGlueClient(options: AwsClientOptions = {}): GlueClient {
  return new GlueClient(clientSettings(options, { ...BRIEF_CALLS, maxAttempts: 1 }));
}

export class GlueJobRuns implements GlueJobs {
  readonly #client: GlueClient;
  readonly #timer: Timer;

  constructor({ client, timer }: { readonly client: GlueClient; readonly timer: Timer }) {
    this.#client = client;
    this.#timer = timer;
  }

  async start(jobName: string, work: GlueWork): Promise<GlueRun> {
    const before = await this.#findLive(jobName, work);
    if (before !== undefined) return before;
    try {
      const Arguments = toArguments(work);
      const { JobRunId } = await this.#call("a job could not be started", () =>
        this.#client.send(new StartJobRunCommand({ JobName: jobName, Arguments })),
      );
      return { glueRunId: JobRunId ?? "", state: "underWay" };
    } catch (error) {
      if (!(error instanceof UnavailableError || error instanceof ConflictError)) throw error;
      const meanwhile = await this.#findLive(jobName, work);
      if (meanwhile === undefined) throw error;
      return meanwhile;
    }
  }

  async find(jobName: string, work: GlueWork): Promise<GlueRun | undefined> {
    return (await this.#runsOf(jobName, work))[0];
  }

  async get(jobName: string, glueRunId: string): Promise<GlueRun> {
    const { JobRun } = await this.#call("a job's run could not be read", () =>
      this.#client.send(new GetJobRunCommand({ JobName: jobName, RunId: glueRunId })),
    );
    return toRun(JobRun ?? { Id: glueRunId });
  }

  async awaitEnd(jobName: string, glueRunId: string, deadlineMs: number): Promise<GlueRun | undefined> {
    for (;;) {
      const run = await this.get(jobName, glueRunId).catch(undefinedIfUnavailable);
      if (run !== undefined && run.state !== "underWay") return run;
      const leftMs = deadlineMs - this.#timer.nowMs();
      if (leftMs <= 0) return undefined;
      await this.#timer.sleep(Math.min(LOOK_EVERY_MS, leftMs));
    }
  }

  async stop(jobName: string, glueRunId: string): Promise<void> {
    const { Errors = [] } = await this.#call("a job's run could not be stopped", () =>
      this.#client.send(new BatchStopJobRunCommand({ JobName: jobName, JobRunIds: [glueRunId] })),
    );
    const [refusal] = Errors;
    if (refusal === undefined) return;
    const { state } = await this.get(jobName, glueRunId);
    if (state === "underWay") throw toCallError("a job's run could not be stopped", toError(refusal), NAMES);
  }

  async resetBookmark(jobName: string, glueRunId?: string): Promise<void> {
    const RunId = glueRunId === undefined ? {} : { RunId: glueRunId };
    await this.#call("a bookmark could not be reset", () =>
      this.#client.send(new ResetJobBookmarkCommand({ JobName: jobName, ...RunId })),
    );
  }

  /** A run that failed or was stopped is no hindrance to another. */
  async #findLive(jobName: string, work: GlueWork): Promise<GlueRun | undefined> {
    const runs = await this.#runsOf(jobName, work);
    return runs.find(({ state }) => state === "underWay" || state === "succeeded");
  }

  /** Newest first. */
  async #runsOf(jobName: string, work: GlueWork): Promise<readonly GlueRun[]> {
    const wanted = Object.entries(toArguments(work));
    const found: JobRun[] = [];
    let NextToken: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const answer = await this.#call("a job's runs could not be listed", () =>
        this.#client.send(new GetJobRunsCommand({ JobName: jobName, MaxResults: RUNS_A_PAGE, NextToken })),
      );
      const runs = answer.JobRuns ?? [];
      found.push(
        ...runs.filter(({ Arguments }) => wanted.every(([name, text]) => Arguments?.[name] === text)),
      );
      NextToken = answer.NextToken;
      if (!NextToken) break;
    }
    return found.sort((a, b) => Number(b.StartedOn ?? 0) - Number(a.StartedOn ?? 0)).map(toRun);
  }

  async #call<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const { name } = describeFailure(error);
      if (name === "OperationTimeoutException") throw new UnavailableError(`${what}: ${name}`);
      throw toCallError(what, error, NAMES);
    }
  }
}

/** As the workflows name it (workflows/steps.ts). */
function toArguments({ runId, attempt, step }: GlueWork): Record<string, string> {
  return { "--run_id": runId, "--attempt": String(attempt), "--step": step };
}

function toRun({ Id, JobRunState }: JobRun): GlueRun {
  return { glueRunId: Id ?? "", state: STATES[JobRunState ?? ""] ?? "underWay" };
}

function toError({ ErrorDetail }: BatchStopJobRunError): Error {
  return Object.assign(new Error(), {
    name: ErrorDetail?.ErrorCode ?? "Error",
    $metadata: { httpStatusCode: 400 },
  });
}

function undefinedIfUnavailable(error: unknown): undefined {
  if (!(error instanceof UnavailableError)) throw error;
}
