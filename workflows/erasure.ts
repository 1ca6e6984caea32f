// The erasure as Amazon States Language: which step follows which, what is tried again, where failure leads. The order is
// the protocol's: suppressed before anything goes, drained before anything is deleted for good, scanned before it is signed.
// What each step does is in functions/erasure/ and core/erasure/, under the state's own name.

import type { DataRejectedError, LeaseHeldError } from "@steward/core";
import type { Catcher, Retrier, StateMachine } from "./asl.ts";
import { failStep, step, WAIT_SECONDS } from "./steps.ts";

/** Resources of the steps: Lambda ARNs in an account, names of in-process handlers on a laptop. */
export interface ErasureTasks {
  readonly acquireLease: string;
  readonly planErasure: string;
  readonly suppressSubjects: string;
  readonly eraseReadable: string;
  readonly awaitDrain: string;
  readonly hardDelete: string;
  readonly awaitOfflineBuffer: string;
  readonly eraseOffline: string;
  readonly eraseEvents: string;
  readonly scanCopies: string;
  readonly signCertificate: string;
  readonly finishErasure: string;
  readonly failRun: string;
}

export interface ErasureOptions {
  readonly tasks: ErasureTasks;
}

const LEASE_HELD: LeaseHeldError["name"] = "LeaseHeldError";
/** Two erasures of one entity work one after the other: a day's waiting, then it fails and can be resumed. */
const WAIT_FOR_TURN: Retrier = {
  ErrorEquals: [LEASE_HELD],
  IntervalSeconds: 1,
  MaxAttempts: 2_880,
  BackoffRate: 1.5,
  MaxDelaySeconds: 30,
  JitterStrategy: "FULL",
};

const DATA_REJECTED: DataRejectedError["name"] = "DataRejectedError";
/** A file that cannot be written again fails the run, but only once all others are erased. */
const ERASE_THE_REST: Catcher = {
  ErrorEquals: [DATA_REJECTED],
  ResultPath: "$.error",
  Next: "Erase events",
};

/** The definition. Its input is `{ runId, attempt, group, begin }`, begin being `plan` always; its output holds the report. */
export function erasureWorkflow({ tasks }: ErasureOptions): StateMachine {
  const acquire = step(tasks.acquireLease, "$.lease", "Is it the finish?");
  const offline = step(tasks.eraseOffline, "$.offline", "Erase events");
  return {
    Comment: "Erase subjects of one entity from every copy, prove it, and keep them from coming back",
    StartAt: "Acquire lease",
    States: {
      "Acquire lease": { ...acquire, Retry: [WAIT_FOR_TURN, ...acquire.Retry] },
      "Is it the finish?": {
        Type: "Choice",
        Choices: [{ Variable: "$.lease.finishes", BooleanEquals: true, Next: "Erase offline" }],
        Default: "Plan erasure",
      },
      "Plan erasure": step(tasks.planErasure, "$.plan", "Suppress subjects"),
      "Suppress subjects": step(tasks.suppressSubjects, "$.suppression", "Erase readable"),
      "Erase readable": step(tasks.eraseReadable, "$.readable", "Await drain"),
      "Await drain": step(tasks.awaitDrain, "$.drain", "Is all drained?"),
      "Is all drained?": {
        Type: "Choice",
        Choices: [{ Variable: "$.drain.drained", BooleanEquals: true, Next: "Hard delete" }],
        Default: "Wait for writers",
      },
      "Wait for writers": { Type: "Wait", Seconds: WAIT_SECONDS, Next: "Await drain" },
      "Hard delete": step(tasks.hardDelete, "$.deletion", "Await offline buffer"),
      "Await offline buffer": step(tasks.awaitOfflineBuffer, "$.buffer", "Is the buffer empty?"),
      "Is the buffer empty?": {
        Type: "Choice",
        Choices: [{ Variable: "$.buffer.empty", BooleanEquals: true, Next: "Erase offline" }],
        Default: "Wait for the buffer",
      },
      "Wait for the buffer": { Type: "Wait", Seconds: WAIT_SECONDS, Next: "Await offline buffer" },
      "Erase offline": { ...offline, Catch: [ERASE_THE_REST, ...(offline.Catch ?? [])] },
      "Erase events": step(tasks.eraseEvents, "$.events", "Was a file refused?"),
      "Was a file refused?": {
        Type: "Choice",
        Choices: [{ Variable: "$.error", IsPresent: true, Next: "Fail run" }],
        Default: "Scan copies",
      },
      "Scan copies": step(tasks.scanCopies, "$.scan", "Is nothing left?"),
      "Is nothing left?": {
        Type: "Choice",
        Choices: [{ Variable: "$.scan.clean", BooleanEquals: true, Next: "Which end is it?" }],
        Default: "Hard delete",
      },
      "Which end is it?": {
        Type: "Choice",
        Choices: [{ Variable: "$.lease.finishes", BooleanEquals: true, Next: "Finish erasure" }],
        Default: "Sign certificate",
      },
      "Sign certificate": step(tasks.signCertificate, "$.report", "Certified"),
      Certified: { Type: "Succeed" },
      "Finish erasure": step(tasks.finishErasure, "$.report", "Finished"),
      Finished: { Type: "Succeed" },
      "Fail run": failStep(tasks.failRun, "Erasure failed"),
      "Erasure failed": {
        Type: "Fail",
        Error: "ErasureFailed",
        Cause: "The run's report in the ledger says why",
      },
    },
  };
}
