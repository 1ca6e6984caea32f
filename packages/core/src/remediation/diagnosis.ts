// Decides what is wrong with a group, from facts alone: what can be repaired comes before what a person must see to.

import type { Side } from "../freshness/measure-freshness.ts";
import type { Target } from "../ledger/run.ts";
import { toDurationText } from "./duration-text.ts";
import type { Facts, FailedRun, RunAtWork } from "./facts.ts";

/** Why a run failed, as far as that says who can help: the program, what it was fed, or what it ran on. */
export type FailureCause = "code" | "data" | "capacity";

export type Diagnosis = { readonly reason: string } & (
  | { readonly kind: "checker-broken" }
  | { readonly kind: "run-stuck"; readonly runId: string; readonly isDead: boolean }
  | { readonly kind: "run-at-work"; readonly runId: string }
  | {
      readonly kind: "run-failed";
      readonly runId: string;
      readonly cause: FailureCause;
      readonly errorName: string;
    }
  | {
      readonly kind: "hot-behind" | "online-behind" | "stores-behind";
      readonly targets: readonly Target[];
    }
  | { readonly kind: "store-away" }
  | { readonly kind: "run-missing" }
  | { readonly kind: "stream-behind"; readonly hasReader: boolean; readonly seenUntilMs: number | undefined }
  | { readonly kind: "partition-silent"; readonly partition: string }
  | { readonly kind: "source-silent" }
  /** Every side is as it should be: only the alarm has not noticed yet. */
  | { readonly kind: "recovered" }
  | { readonly kind: "unknown" }
);
export type DiagnosisKind = Diagnosis["kind"];

/** Below that, it may be about to beat. */
const HEARTBEATS_MISSED = 2;
/** A group that is always at work would never be looked at. */
const MAX_WAITS = 2;

const CAUSES: ReadonlyMap<string, FailureCause> = new Map<string, FailureCause>(
  Object.entries({
    DataRejectedError: "data",
    InvalidInputError: "data",
    UnavailableError: "capacity",
    WriteFailedError: "capacity",
    ConflictError: "capacity",
    DifferencesFoundError: "capacity",
    "States.Timeout": "capacity",
  }),
);

/** By the name of the error that ended it; what nobody knows is a matter of the program. */
export function causeOf(errorName: string): FailureCause {
  return CAUSES.get(errorName) ?? "code";
}

/** The first of these that the facts bear out, in this order. */
const RULES: readonly ((facts: Facts) => Diagnosis | undefined)[] = [
  checkerBroken,
  ({ atWork, runStuckMs }) => (atWork === undefined ? undefined : runStuck(atWork, runStuckMs)),
  ({ atWork, waits }) => (atWork === undefined || waits >= MAX_WAITS ? undefined : runAtWork(atWork)),
  storeAway,
  ({ failed }) =>
    failed !== undefined && causeOf(failed.errorName) === "capacity" ? runFailed(failed) : undefined,
  storesBehind,
  ({ failed }) => (failed === undefined ? undefined : runFailed(failed)),
  runMissing,
  streamBehind,
  partitionSilent,
  sourceSilent,
  recovered,
];

export function diagnose(facts: Facts): Diagnosis {
  for (const rule of RULES) {
    const diagnosis = rule(facts);
    if (diagnosis !== undefined) return diagnosis;
  }
  const words = lateSides(facts).map((side) => `${side}: ${facts.sides[side].reason ?? "late"}`);
  return { kind: "unknown", reason: `nothing that is known explains it (${words.join("; ")})` };
}

function checkerBroken({ group, checkerQuietMs, checkPeriodMs }: Facts): Diagnosis | undefined {
  const isQuiet = checkerQuietMs === undefined || checkerQuietMs > HEARTBEATS_MISSED * checkPeriodMs;
  if (!isQuiet && group === null) return { kind: "recovered", reason: "the freshness checker beats again" };
  if (!isQuiet) return undefined;
  const said =
    checkerQuietMs === undefined
      ? "not reported of late"
      : `not reported for ${toDurationText(checkerQuietMs)}`;
  return {
    kind: "checker-broken",
    reason: `the freshness checker has ${said}: how fresh anything is, is not known`,
  };
}

function runStuck(
  { runId, workflow, isDead, quietMs }: RunAtWork,
  runStuckMs: number,
): Diagnosis | undefined {
  if (isDead)
    return {
      kind: "run-stuck",
      runId,
      isDead,
      reason: `${workflow} ${runId} stands as running, and whoever ran it is gone`,
    };
  if (quietMs < runStuckMs) return undefined;
  return {
    kind: "run-stuck",
    runId,
    isDead,
    reason: `${workflow} ${runId} is at work, and nothing of it has moved for ${toDurationText(quietMs)}`,
  };
}

function runAtWork({ runId, workflow }: RunAtWork): Diagnosis {
  return {
    kind: "run-at-work",
    runId,
    reason: `${workflow} ${runId} is at work on the group, and may be what brings it up to date`,
  };
}

function runFailed({ runId, workflow, errorName }: FailedRun): Diagnosis {
  const cause = causeOf(errorName);
  const meaning = {
    data: "the data broke a rule",
    capacity: "a store or service gave out",
    code: "the program met what it does not know",
  }[cause];
  return {
    kind: "run-failed",
    runId,
    cause,
    errorName,
    reason: `${workflow} ${runId}, the last of the group, failed with ${errorName}: ${meaning}`,
  };
}

function storeAway({ sides }: Facts): Diagnosis | undefined {
  const away = (["online", "hot"] as const).filter((side) => sides[side].isAway === true);
  if (away.length === 0) return undefined;
  return { kind: "store-away", reason: `the ${away.join(" and the ")} store does not answer` };
}

function storesBehind({ sides }: Facts): Diagnosis | undefined {
  const targets = (["online", "hot"] as const).filter((side) => sides[side].differences > 0);
  const [first] = targets;
  if (first === undefined) return undefined;
  const found = targets.map((side) => `${sides[side].differences} of a sample in the ${side} store`);
  return {
    kind: targets.length > 1 ? "stores-behind" : first === "hot" ? "hot-behind" : "online-behind",
    targets,
    reason: `records are not as the offline store has them: ${found.join(", ")}`,
  };
}

function runMissing(facts: Facts): Diagnosis | undefined {
  const { path, waitingFiles, isBehindSource, isRunOverdue, source } = facts;
  if (path === "stream" || !isRunOverdue || lateSides(facts).length === 0) return undefined;
  if (waitingFiles === 0 && !isBehindSource) return undefined;
  const files = waitingFiles === 1 ? "1 file waits" : `${waitingFiles} files wait`;
  return {
    kind: "run-missing",
    reason:
      waitingFiles > 0
        ? `${files} for source "${source}", and no run has taken them`
        : `other groups have newer events of source "${source}", and no run has computed this one since`,
  };
}

function streamBehind({ stream, source, nowMs }: Facts): Diagnosis | undefined {
  if (stream === undefined || stream.isAtTip) return undefined;
  const { hasReader, seenUntilMs } = stream;
  const far = seenUntilMs === undefined ? "from its beginning" : `for ${toDurationText(nowMs - seenUntilMs)}`;
  const who = hasReader ? "its reader is at work and does not keep up" : "nobody reads it";
  return {
    kind: "stream-behind",
    hasReader,
    seenUntilMs,
    reason: `events of stream "${source}" lie unread ${far}: ${who}`,
  };
}

function partitionSilent(facts: Facts): Diagnosis | undefined {
  const { worstPartition, youngestAgeMs, objectiveMs, sides, source } = facts;
  const { ageMs } = sides.offline;
  if (worstPartition === undefined || youngestAgeMs === undefined || objectiveMs === undefined)
    return undefined;
  if (youngestAgeMs > objectiveMs || ageMs === undefined || ageMs <= objectiveMs) return undefined;
  return {
    kind: "partition-silent",
    partition: worstPartition,
    reason: `source "${source}" goes on, but its partition "${worstPartition}" has sent nothing for ${toDurationText(ageMs)}`,
  };
}

/** All that came was taken, by a run that ended well or at the stream's tip, and still the data is old. */
function sourceSilent({ youngestAgeMs, objectiveMs, source }: Facts): Diagnosis | undefined {
  if (objectiveMs === undefined || (youngestAgeMs !== undefined && youngestAgeMs <= objectiveMs))
    return undefined;
  if (youngestAgeMs === undefined)
    return { kind: "source-silent", reason: `source "${source}" has never sent an event, and nothing waits` };
  return {
    kind: "source-silent",
    reason: `source "${source}" has sent nothing for ${toDurationText(youngestAgeMs)}, and nothing waits`,
  };
}

function recovered(facts: Facts): Diagnosis | undefined {
  if (lateSides(facts).length > 0) return undefined;
  return { kind: "recovered", reason: "all sides are fresh and agree with the offline store as of now" };
}

function lateSides({ sides, objectiveMs }: Facts): readonly Side[] {
  return (["offline", "online", "hot"] as const).filter((side) => {
    const { ageMs, differences } = sides[side];
    return differences > 0 || ageMs === undefined || (objectiveMs !== undefined && ageMs > objectiveMs);
  });
}
