// Decides what there is to run on a platform: its state machines, the functions behind their states, what is looked after now
// and then, and the queue of chunks. The platform of one machine wires it in process; stacks/ deploys it; both read it here.

import { ERASURE, REBUILD, REFRESH, REMEDIATION, REPLAY } from "@steward/core";
import type { StateMachine } from "./asl.ts";
import { type ErasureTasks, erasureWorkflow } from "./erasure.ts";
import { type RebuildTasks, rebuildWorkflow } from "./rebuild.ts";
import { type RefreshTasks, refreshWorkflow } from "./refresh.ts";
import { type RemediationTasks, remediationWorkflow } from "./remediation.ts";
import { type ReplayTasks, replayWorkflow } from "./replay.ts";
import { STEP_SECONDS } from "./steps.ts";

type TaskName<Tasks> = Exclude<keyof Tasks, "runBatch">;
/** Every name once: what is missing makes it `never`. */
const namesOf =
  <Tasks>() =>
  <const Names extends readonly TaskName<Tasks>[]>(
    ...names: TaskName<Tasks> extends Names[number] ? Names : never
  ): readonly TaskName<Tasks>[] =>
    names;

/** Of each workflow, the states that a function of its own answers; the state "Plan refresh" is `planRefresh`. */
export const TASKS = {
  [REFRESH]: namesOf<RefreshTasks>()(
    "acquireLease",
    "planRefresh",
    "commitEvents",
    "checkOutput",
    "publishOffline",
    "enqueueChunks",
    "awaitWrites",
    "commitWatermark",
    "finishRun",
    "failRun",
  ),
  [REBUILD]: namesOf<RebuildTasks>()(
    "acquireLease",
    "planRebuild",
    "enqueueChunks",
    "awaitWrites",
    "catchUpStream",
    "verifyRebuild",
    "finishRun",
    "failRun",
  ),
  [REPLAY]: namesOf<ReplayTasks>()("acquireLease", "replayStream", "finishRun", "failRun"),
  [ERASURE]: namesOf<ErasureTasks>()(
    "acquireLease",
    "planErasure",
    "suppressSubjects",
    "eraseReadable",
    "awaitDrain",
    "hardDelete",
    "awaitOfflineBuffer",
    "eraseOffline",
    "eraseEvents",
    "scanCopies",
    "signCertificate",
    "finishErasure",
    "failRun",
  ),
  [REMEDIATION]: namesOf<RemediationTasks>()(
    "acquireLease",
    "diagnoseIncident",
    "applyRemedy",
    "awaitRemedy",
    "confirmRecovery",
    "pageOwner",
    "closeIncident",
    "failRun",
  ),
} as const;
export type Workflow = keyof typeof TASKS;
export const WORKFLOWS = Object.keys(TASKS) as readonly Workflow[];

export interface WorkflowResources {
  /** By what a state names the function that answers it. */
  readonly functionOf: (workflow: Workflow, task: string) => string;
  /** Runs a Glue job to its end: `arn:aws:states:::glue:startJobRun.sync`. */
  readonly runBatch: string;
  /** Before the name of a group: `steward-prod-refresh` and `-customer-purchases`. */
  readonly glueJobsOf: (workflow: Workflow) => string;
}

/** All state machines, by the name of their workflow. */
export function buildWorkflows(resources: WorkflowResources): Readonly<Record<Workflow, StateMachine>> {
  const { runBatch, glueJobsOf } = resources;
  const tasks = <K extends string>(workflow: Workflow, names: readonly K[]) =>
    Object.fromEntries(names.map((name) => [name, resources.functionOf(workflow, name)])) as Record<
      K,
      string
    >;
  return {
    [REFRESH]: refreshWorkflow({
      tasks: { ...tasks(REFRESH, TASKS[REFRESH]), runBatch },
      glueJobs: glueJobsOf(REFRESH),
    }),
    [REBUILD]: rebuildWorkflow({
      tasks: { ...tasks(REBUILD, TASKS[REBUILD]), runBatch },
      glueJobs: glueJobsOf(REBUILD),
    }),
    [REPLAY]: replayWorkflow({ tasks: tasks(REPLAY, TASKS[REPLAY]) }),
    [ERASURE]: erasureWorkflow({ tasks: tasks(ERASURE, TASKS[ERASURE]) }),
    [REMEDIATION]: remediationWorkflow({ tasks: tasks(REMEDIATION, TASKS[REMEDIATION]) }),
  };
}

/** `planRefresh` is functions/refresh/plan-refresh.ts. */
export function fileOfTask(task: string): string {
  return task.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

export interface UpkeepConcern {
  /** Of functions/upkeep. */
  readonly file: string;
  /** Real time between two looks on one machine. */
  readonly everyMs: number;
  /** The same in an account, where no schedule is finer than a minute. */
  readonly everyMinutes: number;
  /** How long one look may take there. */
  readonly seconds: number;
  /** What is said of a look that failed. */
  readonly failure: string;
}

/** What is looked after now and then, each by itself, so that one that stands still holds up no other. */
export const UPKEEP = {
  finishes: {
    file: "continue-finishes",
    // A finish is due once in days: a look is one query.
    everyMs: 15_000,
    everyMinutes: 5,
    seconds: 60,
    failure: "could not finish an erasure",
  },
  history: {
    file: "expire-history",
    // Limits are days long. What a look takes off the list, the next one removes: readers have so long to end.
    everyMs: 60_000,
    everyMinutes: 60,
    seconds: 900,
    failure: "could not expire history",
  },
  schedules: {
    file: "run-due-slots",
    // A look reads one item a group.
    everyMs: 1_000,
    everyMinutes: 1,
    seconds: 120,
    failure: "could not look at the schedules",
  },
  freshness: {
    file: "check-freshness",
    // Whether the platform's clock has come to the next period: most looks read the clock alone.
    everyMs: 250,
    everyMinutes: 1,
    seconds: 60,
    failure: "could not check freshness",
  },
  alarms: {
    file: "attend-alarms",
    // A look reads ledger and metrics.
    everyMs: 1_000,
    everyMinutes: 1,
    seconds: 60,
    failure: "could not look at the alarms",
  },
  hot: {
    file: "guard-hot",
    // How long an erased value that a failover brought back may be readable where nobody writes; a look takes about 0.1 s.
    everyMs: 15_000,
    everyMinutes: 1,
    seconds: 60,
    failure: "could not guard the hot store",
  },
} as const satisfies Readonly<Record<string, UpkeepConcern>>;
export type Concern = keyof typeof UPKEEP;
export const CONCERNS = Object.keys(UPKEEP) as readonly Concern[];

/** The consumer of the streams: always on on one machine; in an account each call reads for so long, and the next one of the
 * schedule goes on. */
export const STREAM_CONSUMER = {
  file: "consume-streams",
  everyMinutes: 1,
  readSeconds: 55,
  seconds: 120,
} as const;

/** The worker that drains the chunk queue: one chunk a call, `atOnce` calls. */
export const CHUNK_WORKER = {
  file: "write-chunks",
  atOnce: { machine: 2, account: 16 },
  /** What SQS asks of a queue that Lambda reads: six times the time-out of the function (Lambda guide, SQS, 2026-11-22). */
  visibilityFactor: 6,
  /** Beyond the worker's own life, for its last calls to end. */
  graceSeconds: 30,
} as const;

/** Of a state's function: as long as its state waits for it. */
export const TASK_SECONDS = STEP_SECONDS;
